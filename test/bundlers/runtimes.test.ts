/** Predicting in runtimes other than Node and browsers. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
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
  'death.mjs': `
    import * as tf from '@tensorflow/tfjs-core';
    import { init } from 'primal-attention';
    import { Heap } from '${here('../../dist/runtime/heap.js')}';
    const { threads } = await init({ threads: 2 });
    const multiply = () => tf.tidy(() => {
      const x = tf.ones([1024, 1024]);
      return tf.sum(tf.matMul(x, x)).dataSync()[0];
    });
    multiply();
    void Heap.of().pool.threads[0].terminate();
    const start = performance.now();
    let name;
    while (!name && performance.now() - start < 20_000) {
      try {
        multiply();
      } catch (error) {
        name = error.name;
      }
    }
    const { threads: again } = await init({ threads: 2 });
    console.log(JSON.stringify({ threads, name, again, sum: multiply() }));`,
  'predict.mjs': `
    import { readFileSync } from 'node:fs';
    import { loadPredictor } from 'primal-attention/predict';
    const predictor = await loadPredictor('vowels');
    const [{ probabilities }] = predictor.predict([JSON.parse(readFileSync('case.json', 'utf8'))]);
    console.log(JSON.stringify([...probabilities]));`,
});
let expected: number[];

/** What both workers predict with; a worker has no files. */
const parts = `
  import { model, value, weights } from './parts.js';
  const bytes = Uint8Array.from(atob(weights), (character) => character.charCodeAt(0));`;

/** Workers that predict without tfjs and with it: answer(options). */
const workers = {
  'predict-edge.js': `${parts}
    import { loadPredictor } from 'primal-attention/predict';
    export async function answer({ module } = {}) {
      const predictor = await loadPredictor({ model, weights: bytes.buffer }, { module });
      return [...predictor.predict([value])[0].probabilities];
    }`,
  'main-edge.js': `${parts}
    import * as tf from '@tensorflow/tfjs-core';
    import { loadLayersModel } from '@tensorflow/tfjs-layers';
    import { init, TransformerEncoderLayer } from 'primal-attention';
    export async function answer({ modules } = {}) {
      const { threads, notes } = await init({ modules });
      if (threads !== 1 || notes.length === 0) throw new Error('there are no threads, and it did not say so');
      const read = async (manifest) => [tf.io.getWeightSpecs(manifest), bytes.buffer];
      const loaded = await loadLayersModel({ load: () => tf.io.getModelArtifactsForJSON(model, read) });
      const padded = [...value, ...new Array(29 - value.length).fill(new Array(12).fill(0))];
      return [...loaded.predict([tf.tensor3d([padded]), tf.tensor2d([[value.length]])]).dataSync()];
    }`,
};

beforeAll(async () => {
  expected = await saveVowels(project);
  const model = JSON.parse(readFileSync(join(project, 'vowels/model.json'), 'utf8')) as {
    weightsManifest: [{ paths: [string] }];
  };
  const weights = readFileSync(join(project, 'vowels', model.weightsManifest[0].paths[0])).toString('base64');
  const constants = Object.entries({ model, weights, value: vowel });
  const text = constants.map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`).join('');
  for (const [name, code] of Object.entries({ ...workers, 'parts.js': text })) writeFileSync(join(project, name), code);
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

  describe.each(['deno', 'bun'])('a thread that dies, in %s', (tool) => {
    const args = { deno: ['run', '--allow-all'], bun: [] }[tool]!;

    it.skipIf(!hasTool(tool))('is an error while nothing gives way to events, until init starts others', async () => {
      const said = await runTool(tool, [...args, 'death.mjs'], project);
      expect(JSON.parse(said)).toEqual({ threads: 2, name: 'ThreadError', again: 2, sum: 1024 ** 3 });
    });
  });

  describe.each(['predict', 'main'])('with %s', (entry) => {
    const runEdge = async (runtime: string) => {
      const { stdout } = await execute(process.execPath, [here('edge.mjs'), runtime, project, `${entry}-edge.js`]);
      expectRight(stdout);
    };

    it.skipIf(!hasTool('wrangler')).each(['workerd', 'workerd with nodejs_compat'])('in %s', runEdge);

    it.skipIf(entry === 'main' || !hasTool('wrangler'))('in the example of a worker', () => runEdge('example'));

    it.skipIf(!hasTool('edge-runtime'))("in Vercel's edge-runtime", () => runEdge('edge-runtime'));
  });
});
