import { describe, expect, it } from 'vitest';
import { signFlipTest } from '../../src/experiments/signFlipTest.js';
import { spreadOf } from '../../src/experiments/spreadOf.js';

describe('spreadOf', () => {
  it('is mean and sample standard deviation', () => {
    // 32 / 7 is the sample variance of the textbook's example with mean 5.
    expect(spreadOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, std: Math.sqrt(32 / 7) });
    expect(spreadOf([0.25, 0.25])).toEqual({ mean: 0.25, std: 0 });
    expect(spreadOf([0.5])).toEqual({ mean: 0.5, std: null });
  });
});

describe('signFlipTest', () => {
  /** Cross-fertilised less self-fertilised maize, in eighths of an inch (Darwin 1876), as Fisher (1935) takes it. */
  const darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

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
