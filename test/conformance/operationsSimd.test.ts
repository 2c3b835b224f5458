/** As operations.test.ts, on one thread and without relaxed SIMD. */
import { expect, it } from 'vitest';
import { runPublished } from './published.js';

it("tfjs-core's published tests, without relaxed SIMD", async () => {
  const outcomes = await runPublished('ours', { threads: 1, relaxedSimd: false });
  expect(outcomes.length).toBeGreaterThan(4200);
  expect(outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
}, 600_000);
