import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { info, init } from '../../src/index.js';
import { checkCase } from '../support/attentionCase.js';
import { fuzzCase } from '../support/attentionFuzzer.js';

// scripts/fuzz.mjs sets these.
const cases = Number(process.env.FUZZ_CASES ?? 500);
const first = Number(process.env.FUZZ_SEED ?? 0);

/** Cases of one test, as often as progress is reported. */
const BATCH = 100;
const batches = Array.from({ length: Math.ceil(cases / BATCH) }, (_, index) => {
  const start = first + BATCH * index;
  return [start, Math.min(start + BATCH, first + cases)];
});

// Each build takes every other seed.
describe.each([
  ['simd', 0],
  ['relaxed', 1],
] as const)('attention against the oracle, %s build', (build, parity) => {
  beforeAll(async () => {
    await init({ relaxedSimd: build === 'relaxed' });
  });
  afterAll(async () => {
    await init();
  });

  it.each(batches)('seeds %i to below %i', { timeout: 600_000 }, (start, end) => {
    expect(info().build.replace('-shared', '')).toBe(build);
    const failures: string[] = [];
    for (let seed = start; seed < end; seed++) {
      if (seed % 2 === parity) failures.push(...checkCase(fuzzCase(seed)));
    }
    expect(failures).toEqual([]);
  });
});
