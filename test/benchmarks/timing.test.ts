/** Medians, spread and ratios of the benchmark. */
import { describe, expect, it } from 'vitest';
import { quartiles, ratio, spread, timingOf } from '../../src/benchmarks/timing.js';

describe('statistics', () => {
  it('interpolates quartiles', () => {
    expect(quartiles([4, 1, 3, 2])).toEqual([1.75, 2.5, 3.25]);
    expect(quartiles([5])).toEqual([5, 5, 5]);
  });

  it('compares within rounds, so that drift cancels', () => {
    const slow = timingOf([[2], [4], [8]]);
    const fast = timingOf([[1], [2, 2, 2], [4]]);
    expect(ratio(slow, fast)).toBe(2);
  });

  it('gives the spread as a share of the median', () => {
    expect(spread({ median: 10, quartiles: [9, 11] })).toBe(0.1);
  });
});
