/** Predicting in runtimes other than Node and browsers. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { maxError } from '../support/attention.js';
import { userProject } from './project.js';
import { hasTool, runTool } from './tools.js';
import { saveVowels, vowel } from './vowels.js';

const execute = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const project = userProject({
  'case.json': JSON.stringify(vowel),
  'predict.mjs': `
    import { readFileSync } from 'node:fs';
    import { loadPredictor } from 'primal-attention/predict';
    const predictor = await loadPredictor('vowels');
    const [{ probabilities }] = predictor.predict([JSON.parse(readFileSync('case.json', 'utf8'))]);
    console.log(JSON.stringify([...probabilities]));`,
});
let expected: number[];

beforeAll(async () => {
  expected = await saveVowels(project);
  // What Deno looks for packages by.
  writeFileSync(join(project, 'deno.json'), '{ "nodeModulesDir": "manual" }');
});

function expectRight(output: string): void {
  expect(maxError(JSON.parse(output) as number[], expected)).toBeLessThan(1e-5);
}

describe('predicts as in Node', () => {
  it.skipIf(!hasTool('deno'))('in Deno', async () => {
    expectRight(await runTool('deno', ['run', '--allow-read', '--allow-env', 'predict.mjs'], project));
  });

  it.skipIf(!hasTool('bun'))('in Bun', async () => {
    expectRight(await runTool('bun', ['predict.mjs'], project));
  });

  it.skipIf(!hasTool('bun'))('in a program that Bun has compiled', async () => {
    await runTool('bun', ['build', '--compile', '--outfile=program', 'predict.mjs'], project);
    const { stdout } = await execute(join(project, 'program'), { cwd: project });
    expectRight(stdout);
  });

  it.skipIf(!hasTool('miniflare')).each(['workerd', 'workerd with nodejs_compat'])('in %s', async (runtime) => {
    const { stdout } = await execute(process.execPath, [
      here('edge.mjs'),
      runtime,
      project,
      here('../../dist/predict'),
    ]);
    expectRight(stdout);
  });

  it.skipIf(!hasTool('edge-runtime'))("in Vercel's edge-runtime", async () => {
    const args = [here('edge.mjs'), 'edge-runtime', project, here('../../dist/predict')];
    const { stdout } = await execute(process.execPath, args);
    expectRight(stdout);
  });
});
