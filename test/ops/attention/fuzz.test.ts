import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { info, init } from '../../../src/index.js';
import { fuzz } from '../../support/attentionFuzzer.js';
import { builds, initBuild } from '../../support/builds.js';

// scripts/fuzz.mjs sets these.
const cases = Number(process.env.FUZZ_CASES ?? 500);
const first = Number(process.env.FUZZ_SEED ?? 0);

/** Cases of one test, as often as progress is reported. */
const BATCH = 100;
const batches = Array.from({ length: Math.ceil(cases / BATCH) }, (_, index) => {
  const start = first + BATCH * index;
  return [start, Math.min(start + BATCH, first + cases)];
});

// The builds take the seeds in turn.
describe.each(builds.map((build, turn) => [build, turn] as const))(
  'attention against the oracle, %s build',
  (build, turn) => {
    beforeAll(async () => {
      await initBuild(build);
    });
    afterAll(async () => {
      await init();
    });

    it.each(batches)('seeds %i to below %i', { timeout: 600_000 }, (start, end) => {
      expect(info().build.replace('-shared', '')).toBe(build);
      const failures: string[] = [];
      for (let seed = start; seed < end; seed++) {
        if (seed % builds.length === turn) failures.push(...fuzz(seed));
      }
      expect(failures).toEqual([]);
    });
  },
);
