import { describe, expect, it } from 'vitest';
import { stratifiedSplit } from '../../src/data/split.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';

/** Cases of one position, which is their number. */
function data(labels: number[], groups?: string[]): TimeSeriesData {
  return {
    series: labels.map((_, index) => Float32Array.of(index)),
    lengths: labels.map(() => 1),
    channels: 1,
    labels,
    classNames: ['a', 'b'],
    ids: labels.map((_, index) => `case ${index}`),
    ...(groups && { groups }),
  };
}

describe('stratifiedSplit of cases with groups', () => {
  it.each([0, 1, 2, 3])('shares no group between the parts, and keeps names (seed %d)', (seed) => {
    const groups = [...'aabbccddeeff'];
    const { train, validation } = stratifiedSplit(data([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1], groups), 0.34, seed);
    expect(validation.groups!.filter((group) => train.groups!.includes(group))).toEqual([]);
    expect(validation.labels).toEqual([0, 0, 1, 1]);
    expect(validation.ids).toEqual(Array.from(validation.series, ([value]) => `case ${value}`));
    expect(train.labels.length).toBe(8);
  });

  it('takes groups of any classes where none are alike, and needs two', () => {
    const { train, validation } = stratifiedSplit(data([0, 0, 1], ['p', 'q', 'q']), 0.5, 0);
    expect(new Set([...train.groups!, ...validation.groups!]).size).toBe(2);
    expect(() => stratifiedSplit(data([0, 1], ['p', 'p']), 0.5, 0)).toThrow(
      'all cases were of one group; there must be two',
    );
  });
});
