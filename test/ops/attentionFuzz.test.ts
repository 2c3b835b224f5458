import { afterAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { checkCase } from '../support/attentionCase.js';
import { fuzzCase } from '../support/attentionFuzzer.js';

// `npm run fuzz -- --cases N --seed S` sets these.
const cases = Number(process.env.FUZZ_CASES ?? 500);
const first = Number(process.env.FUZZ_SEED ?? 0);

describe.each(['simd', 'relaxed'] as const)('attention against the oracle, %s build', (build) => {
  afterAll(async () => {
    await init();
  });

  it(`${cases / 2} random cases from seed ${first}`, { timeout: 3_600_000 }, async () => {
    const { build: active } = await init({ relaxedSimd: build === 'relaxed' });
    expect(active).toBe(build);
    const failures: string[] = [];
    for (let seed = first + (build === 'simd' ? 0 : 1); seed < first + cases; seed += 2) {
      failures.push(...checkCase(fuzzCase(seed)));
    }
    expect(failures).toEqual([]);
  });
});
