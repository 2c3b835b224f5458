/**
 * tfjs-layers' own published tests, where LAYERS_TESTS names them: see layersTests.ts. `npm run conformance -- layers-tests
 * FOLDER` runs this file for other backends too.
 */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { layersFiles, layersFolder } from './layersTests.js';
import { expectedLayersFailures, runPublished, type Setting } from './published.js';

const { CONFORMANCE_SETTING = 'ours', CONFORMANCE_OUTPUT } = process.env;

it.skipIf(!layersFolder)(
  "tfjs-layers' published tests",
  async () => {
    const outcomes = await runPublished(CONFORMANCE_SETTING as Setting, layersFiles(layersFolder!), { threads: 2 });
    if (CONFORMANCE_OUTPUT) writeFileSync(CONFORMANCE_OUTPUT, JSON.stringify(outcomes));
    expect(outcomes.length).toBeGreaterThan(2000);
    if (CONFORMANCE_SETTING !== 'ours') return;
    const failed = outcomes.filter(({ status }) => status === 'failed').map(({ name }) => name);
    expect(failed).toEqual(Object.keys(expectedLayersFailures));
  },
  1_200_000,
);
