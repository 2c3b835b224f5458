import { check, checkOptions } from '../checks/values.js';
import { number } from '../checks/rules.js';
import type { ChannelStatistics } from './labelledData.js';

const mean = number(() => true, 'a finite number');
const deviation = number((value) => value > 0, 'above 0');

/** @throws Error, in the name of `owner`, unless there is a mean and a deviation for each channel, with which one can standardise */
export function checkStatistics(
  owner: string,
  statistics: unknown,
  channels: number,
): asserts statistics is ChannelStatistics {
  const given = (typeof statistics === 'object' && statistics !== null ? statistics : {}) as Partial<ChannelStatistics>;
  checkOptions(`${owner}: statistics`, given, ['mean', 'deviation'] satisfies (keyof ChannelStatistics)[]);
  for (const [name, rule] of [
    ['mean', mean],
    ['deviation', deviation],
  ] as const) {
    const values: unknown = given[name];
    const count = Array.isArray(values) ? values.length : 0;
    if (!Array.isArray(values) || count !== channels) {
      throw new Error(`${owner}: statistics had ${count} channels; they must have ${channels}, as the data has`);
    }
    values.forEach((value, c) => check(owner, `statistics.${name}[${c}]`, value, rule));
  }
}
