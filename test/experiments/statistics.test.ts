import { describe, expect, it } from 'vitest';
import { holm } from '../../src/experiments/holm.js';
import { signFlipInterval, signFlipTest } from '../../src/experiments/signFlipTest.js';
import { spreadOf } from '../../src/experiments/spreadOf.js';

describe('spreadOf', () => {
  it('is mean and sample standard deviation', () => {
    // 32 / 7 is the sample variance of the textbook's example with mean 5.
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, std: Math.sqrt(32 / 7) });
    expect(spreadOf([0.25, 0.25])).toEqual({ mean: 0.25, std: 0 });
    expect(spreadOf([0.5])).toEqual({ mean: 0.5, std: null });
  });
});

/** Cross-fertilised less self-fertilised maize, in eighths of an inch (Darwin 1876), as Fisher (1935) takes it. */
const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

describe('signFlipTest', () => {
  it("is Fisher's: 863 of 32768 choices for each side", () => {
    expect(signFlipTest(darwin)).toBe((2 * 863) / 2 ** 15);
    expect(signFlipTest(darwin.map((difference) => -difference))).toBe((2 * 863) / 2 ** 15);
  });

  it('cannot be small for few pairs, and counts ties and zeros', () => {
    expect(signFlipTest([0.1])).toBe(1);
    expect(signFlipTest([0.1, 0.2, 0.05])).toBe(2 / 8);
    expect(signFlipTest([0.1, 0.1, -0.1])).toBe(1);
    expect(signFlipTest([0.1, 0.2, 0.05, 0, 0])).toBe(2 / 8);
    // 0.3 against 0.1 + 0.2: equal but for rounding, so 4 of 8 are as far out as 0 is not.
    expect(signFlipTest([0.3, -0.1, -0.2])).toBe(1);
    expect(signFlipTest([0, 0])).toBe(1);
    expect(signFlipTest([])).toBe(1);
  });

  it('draws where there are too many choices, and agrees', () => {
    const more = [...darwin, 1e-3, 1e-3, 1e-3, -1e-3, -1e-3, -1e-3, 1e-3];
    const found = signFlipTest(more);
    expect(Math.abs(found - (2 * 863) / 2 ** 15)).toBeLessThan(0.003);
    expect(signFlipTest(more)).toBe(found);
    const clear = signFlipTest(new Array<number>(30).fill(0.01));
    expect(clear).toBeGreaterThan(0);
    expect(clear).toBeLessThan(1e-4);
  });
});

describe('signFlipInterval', () => {
  it('has its ends where the test begins to reject', () => {
    const [low, high] = signFlipInterval(darwin)!;
    const at = (centre: number) => signFlipTest(darwin.map((difference) => difference - centre));
    expect(at(low + 0.01)).toBeGreaterThan(0.05);
    expect(at(low - 0.1)).toBeLessThanOrEqual(0.05);
    expect(at(high - 0.01)).toBeGreaterThan(0.05);
    expect(at(high + 0.1)).toBeLessThanOrEqual(0.05);
    // Close to Student's, 0.03 to 41.8 for these pairs (Fisher 1935, section 17).
    expect(low).toBeGreaterThan(-2);
    expect(low).toBeLessThan(2);
    expect(Math.abs(high - 41.8)).toBeLessThan(2);
  });

  it('is that of the smallest and largest means for six pairs, and none for fewer', () => {
    expect(signFlipInterval([3, 1, 2, 6, 5, 4])).toEqual([1, 6]);
    expect(signFlipInterval([1, 2, 3, 4, 5])).toBeNull();
    expect(signFlipInterval([])).toBeNull();
    expect(signFlipInterval([1, 2], 0.5)).toEqual([1, 2]);
  });

  it('draws where there are too many subsets, and agrees', () => {
    const more = [...darwin, ...darwin];
    const [low, high] = signFlipInterval(more)!;
    const deviation = Math.sqrt(more.reduce((sum, x) => sum + (x - 20.93) ** 2, 0) / more.length);
    const half = (2.045 * deviation) / Math.sqrt(more.length - 1);
    expect(Math.abs(low - (20.93 - half))).toBeLessThan(1);
    expect(Math.abs(high - (20.93 + half))).toBeLessThan(1);
    expect(signFlipInterval(more)).toEqual([low, high]);
  });
});

describe('holm', () => {
  it('steps down, in the order of the tests', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.5, 0.9, 0.4])).toEqual([1, 1, 1]);
    expect(holm([0.02, 0.02])).toEqual([0.04, 0.04]);
    expect(holm([])).toEqual([]);
  });
});
