import { quoted } from '../checks/quoted.js';
import type { Dataset, LabelledData } from './labelledData.js';

/** @throws Error unless a class has a name that is a number */
function numberNamed(source: string, name: string): number {
  const value = name.trim() === '' ? NaN : Number(name);
  if (Number.isFinite(Math.fround(value))) return value;
  throw new Error(`${source}: the label ${quoted(name)} is no number; --task regression learns numbers`);
}

/**
 * Data whose labels are numbers to learn: those that its classes are named by, unless it has numbers already.
 *
 * @param source where it came from, for errors
 * @throws Error if a class is not named by a number
 */
function partWithTargets<Data extends LabelledData>(source: string, data: Data): Data {
  if (data.targets) return data;
  const numbers = data.classNames.map((name) => numberNamed(source, name));
  return {
    ...data,
    targets: data.labels.map((label) => (label < 0 ? NaN : numbers[label])),
    targetName: 'label',
    labels: data.labels.map(() => -1),
    classNames: [],
  };
}

/** The same of both parts of a data set. */
export function withTargets<Data extends LabelledData>(
  source: string,
  { name, train, test }: Dataset<Data>,
): Dataset<Data> {
  const part = partWithTargets(source, train);
  return { name, train: part, test: test === train ? part : partWithTargets(source, test) };
}
