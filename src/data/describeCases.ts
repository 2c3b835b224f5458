import { counted } from '../checks/counted.js';
import { listed, quoted, shortened } from '../checks/quoted.js';
import { byKind } from './kinds/byKind.js';
import type { LabelledData } from './labelledData.js';

/** Classes that are listed with their counts. */
const LISTED = 20;

/** '20 positions' or '7 to 29 positions' */
function range(lengths: readonly number[], noun: string): string {
  const [least, most] = lengths.reduce(
    ([low, high], length) => [Math.min(low, length), Math.max(high, length)],
    [Infinity, 0],
  );
  return least === most ? counted(most, noun) : `${least} to ${counted(most, noun)}`;
}

/** Cases of each class. */
function countsOf({ labels, classNames }: LabelledData): number[] {
  const counts = new Array<number>(classNames.length).fill(0);
  for (const label of labels) if (label >= 0) counts[label]++;
  return counts;
}

/** What was read, in a line: '270 cases x 7 to 26 positions x 12 channels; classes: 1 (30), 2 (30), ...' */
export function describeCases(data: LabelledData): string {
  const cases = counted(data.labels.length, 'case');
  const sizes = byKind(data, {
    series: ({ lengths, channels, channelNames }) => {
      const names = channelNames ? ` (${listed(channelNames)})` : '';
      return `${range(lengths, 'position')} x ${counted(channels, 'channel')}${names}`;
    },
    images: ({ height, width, channels }) => `${height} x ${width} pixels x ${counted(channels, 'channel')}`,
    tokens: ({ lengths, vocabulary }) => `${range(lengths, 'token')} of ${vocabulary.length}`,
  });
  const counts = countsOf(data);
  if (counts.every((count) => count === 0)) return `${cases} x ${sizes}`;
  const classes = data.classNames.map((name, index) => `${shortened(name)} (${counts[index]})`);
  const more = classes.length > LISTED ? `, and ${classes.length - LISTED} more` : '';
  return `${cases} x ${sizes}; classes: ${classes.slice(0, LISTED).join(', ')}${more}`;
}

/** What stands for nothing where a program has written it. */
const nothing = /^(none|null|nil|na|n\/a|<na>|nan|undefined|unknown)$/i;

/** A name without what is hardly seen: capitals, blanks, quotes, and how its characters are composed. */
const essence = (name: string) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s'"_-]+/g, '');

/** Names of classes that may be one, or none. */
function doubtsAboutNames(names: readonly string[]): string[] {
  const seen = new Map<string, string>();
  return names.flatMap((name) => {
    if (nothing.test(name)) return [`the class ${quoted(name)} may stand for a label that is missing`];
    const key = /^[-\d]/.test(name) ? name : essence(name);
    const other = seen.get(key);
    seen.set(key, name);
    return other === undefined
      ? []
      : [`the classes ${quoted(other)} and ${quoted(name)} are hardly different: they may be one`];
  });
}

/**
 * What may be other than meant, though it can be read: what a wrong layout or label leaves.
 *
 * @param data cases
 * @param isTraining whether a model is to learn from them
 * @returns a sentence for each
 */
export function doubtsAbout(data: LabelledData, isTraining: boolean): string[] {
  const found: string[] = [];
  const lengths = byKind(data, {
    series: (series) => series.lengths,
    images: () => [],
    tokens: () => [],
  });
  if (lengths.length > 0 && lengths.every((length) => length === 1)) found.push('each case has one position only');
  if (!isTraining) return found;
  const counts = countsOf(data);
  const present = counts.filter((count) => count > 0).length;
  if (present === 1) found.push('all cases are of one class');
  else if (present > 0 && present === data.labels.length) found.push('each class has one case only');
  found.push(...doubtsAboutNames(data.classNames));
  const without = data.classNames.filter((_, index) => counts[index] === 0);
  if (present > 0 && without.length > 0) found.push(`there is no case of ${listed(without)}`);
  return found;
}
