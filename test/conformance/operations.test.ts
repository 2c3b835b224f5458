/**
 * tfjs-core's own published tests pass on this package, gradients included, but for those that want an error. `npm run conformance` runs this
 * file for other backends too, which it only counts.
 */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { coreFiles, expectedFailures, runPublished, type Setting } from './published.js';

const { CONFORMANCE_SETTING = 'ours', CONFORMANCE_OUTPUT } = process.env;

it("tfjs-core's published tests, on threads", async () => {
  const outcomes = await runPublished(CONFORMANCE_SETTING as Setting, coreFiles(), { threads: 2 });
  if (CONFORMANCE_OUTPUT) writeFileSync(CONFORMANCE_OUTPUT, JSON.stringify(outcomes));
  expect(outcomes.length).toBeGreaterThan(4200);
  if (CONFORMANCE_SETTING !== 'ours') return;
  const named = (status: string) => outcomes.filter((one) => one.status === status).map(({ name }) => name);
  expect(named('failed')).toEqual(Object.keys(expectedFailures));
  // Those that tfjs's authors switched off.
  expect(named('skipped').length).toBe(5);
}, 600_000);
