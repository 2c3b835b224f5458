/** The command `export`: what it writes is read by everything that reads models. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { loadPredictor } from '../../src/predict/node.js';
import { maxError } from '../support/attention.js';
import { runCommand, writeSlopes } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const run = (...args: string[]) => runCommand(folder, args);
const model = ['--width', '64', '--feed-forward', '64', '--heads', '2', '--layers', '1'];

beforeAll(async () => {
  await pa.init({ threads: 1 });
  await writeSlopes(folder, 32, 6);
  const train = ['train', '--data', '.', '--epochs', '2', '--output', 'whole', '--quiet'];
  expect(await run(...train, ...model)).toMatchObject({ status: 0, stderr: '' });
});

/** Reads a saved model from the files as any program would that knows tfjs only. */
async function loadWithTfjs(name: string): Promise<number[]> {
  const json = JSON.parse(await readFile(join(folder, name, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  const read = async (manifest: tf.io.WeightsManifestConfig): Promise<[tf.io.WeightsManifestEntry[], ArrayBuffer]> => {
    const files = await Promise.all(manifest[0].paths.map((path) => readFile(join(folder, name, path))));
    return [tf.io.getWeightSpecs(manifest), Uint8Array.from(Buffer.concat(files)).buffer];
  };
  const loaded = await loadLayersModel({ load: () => tf.io.getModelArtifactsForJSON(json, read) });
  const [series, lengths] = loaded.inputs.map(({ shape }) => shape.slice(1) as number[]);
  const out = loaded.predict([tf.ones([1, ...series]), tf.fill([1, ...lengths], series[0])]) as tf.Tensor;
  return [...(await out.data())];
}

describe('export', () => {
  it.each([
    ['float16', 0.5, 1e-3],
    ['uint8', 0.25, 3e-2],
  ])('writes weights as %s, for pa.load, tfjs and the predict runtime', async (weights, share, error) => {
    const args = ['export', '--model', 'whole', '--weights', weights, '--output', weights];
    const { status, stdout } = await run(...args, '--json');
    expect(status).toBe(0);
    const { bytes, ...rest } = JSON.parse(stdout) as { bytes: { before: number; after: number } };
    expect(rest).toEqual({ model: 'whole', output: weights, weights });
    expect(bytes.after).toBe((await stat(join(folder, weights, 'weights.bin'))).size);
    expect(bytes.after / bytes.before).toBeLessThan(share + 0.06);

    const expected = await loadWithTfjs('whole');
    const loaded = await loadWithTfjs(weights);
    expect(maxError(loaded, expected)).toBeLessThan(error);
    const small = await pa.load(join(folder, weights));
    expect(pa.getMetadata(small)).toEqual(pa.getMetadata(await pa.load(join(folder, 'whole'))));
    const predictor = await loadPredictor(join(folder, weights));
    const { mean, deviation } = pa.getMetadata(small).statistics!;
    const [positions, channels] = predictor.info.inputShape;
    const raw = Array.from({ length: positions }, () =>
      Array.from({ length: channels }, (_, channel) => mean[channel] + deviation[channel]),
    );
    expect(maxError(predictor.predict([raw])[0].probabilities, loaded)).toBeLessThan(1e-4);
    expect(await run('evaluate', '--model', weights, '--data', '.')).toMatchObject({ status: 0 });
  });

  it('takes float16 where nothing else is said, and says what it did', async () => {
    const { status, stdout } = await run('export', '--model', 'whole', '--output', 'default');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^default: weights as float16, \d+\.\d\d MB of \d+\.\d\d MB\n$/);
  });

  it('does not write over the model that it reads', async () => {
    const { status, stderr } = await run('export', '--model', 'whole', '--output', './whole/.');
    expect(status).toBe(2);
    expect(stderr).toContain('--output is the folder of --model, whole');
  });
});
