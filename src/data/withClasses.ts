import { listed } from '../checks/quoted.js';
import { className } from './tables/classes.js';
import type { LabelledData } from './labelledData.js';

/**
 * Data whose labels are indices into other names of classes: those of another part, or of a model. Classes are the same if their
 * names are; whole numbers may be written in another form, as 1.0 for 1.
 *
 * @param source where the data came from, for errors
 * @param data of any kind; some labels may be missing
 * @param classNames in order
 * @param whose who knows them, for errors: 'the model'
 * @returns the data, with these names; what it was given stays as it is
 * @throws Error that names the classes of its cases that are none of them
 */
export function withClasses<Data extends LabelledData>(
  source: string,
  data: Data,
  classNames: readonly string[],
  whose: string,
): Data {
  const known = new Map(classNames.map((name, index) => [className(name), index]));
  const indices = data.classNames.map((name) => known.get(className(name)) ?? -1);
  const used = new Set(data.labels);
  const unknown = data.classNames.filter((_, index) => indices[index] < 0 && used.has(index));
  if (unknown.length > 0) {
    throw new Error(`${source}: there are cases of ${listed(unknown)}; ${whose} knows ${listed(classNames)}`);
  }
  return { ...data, labels: data.labels.map((label) => indices[label] ?? -1), classNames: [...classNames] };
}
