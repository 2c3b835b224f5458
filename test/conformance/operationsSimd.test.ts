/** As operations.test.ts, on one thread and without relaxed SIMD. */
import { expect, it } from 'vitest';
import { coreFiles, expectedFailures, runPublished } from './published.js';

it("tfjs-core's published tests, without relaxed SIMD", async () => {
  const outcomes = await runPublished('ours', coreFiles(), { threads: 1, relaxedSimd: false });
  expect(outcomes.length).toBeGreaterThan(4200);
  const failed = outcomes.filter(({ status }) => status === 'failed').map(({ name }) => name);
  expect(failed).toEqual(Object.keys(expectedFailures));
}, 600_000);
