import { byKind } from './kinds/byKind.js';
import type { LabelledData } from './labelledData.js';

/**
 * @param data of any kind
 * @param length most positions of a case
 * @returns the data with the first positions of longer series or tokens; images as they are
 */
export function cutCases<Data extends LabelledData>(data: Data, length: number): Data {
  const cut = (lengths: readonly number[]) => lengths.map((own) => Math.min(own, length));
  return byKind<LabelledData>(data, {
    series: (all) => ({
      ...all,
      series: all.series.map((values) => values.subarray(0, length * all.channels)),
      lengths: cut(all.lengths),
    }),
    images: (all) => all,
    tokens: (all) => ({
      ...all,
      tokens: all.tokens.map((values) => values.subarray(0, length)),
      lengths: cut(all.lengths),
    }),
  }) as Data;
}
