/** Where a predictor's model comes from, how much it takes, and what is wrong with it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as pa from '../../src/index.js';
import { loadPredictor as loadFetched } from '../../src/predict/index.js';
import { loadPredictor } from '../../src/predict/node.js';
import type { PredictorOptions, PredictorSource } from '../../src/predict/types.js';
import { maxError } from '../support/attention.js';
import { serve } from '../support/fileServer.js';
import { temporaryFolder } from '../support/temporaryFolder.js';
import { savedParts, shuffleWeights } from './savedParts.js';

const folder = temporaryFolder();
const series = Float32Array.of(1, 2, 3, 4, 5, 6);
const statistics = { mean: [1, 2], deviation: [2, 3] };
const data: pa.TimeSeriesData = { series: [series], lengths: [3], channels: 2, labels: [0], classNames: ['no', 'yes'] };
let model: LayersModel;
let expected: number[];

beforeAll(async () => {
  await pa.init();
  model = pa.timeSeriesClassifier({ channels: 2, length: 5, classes: 2, width: 8, feedForward: 12, heads: 2, seed: 1 });
  shuffleWeights(model, 1);
  pa.setMetadata(model, pa.metadataOf(data, { data: 'd', form: 'softmax', statistics }));
  await pa.save(model, join(folder, 'saved'));
  [expected] = pa.predict(model, pa.standardize(data, statistics));
});

describe('loadPredictor', () => {
  it('takes a path, a file: URL, an address, and the parts of a model', async () => {
    const server = await serve((request, response) => {
      void readFile(join(folder, request.url!)).then((bytes) => response.end(bytes));
    });
    const path = join(folder, 'saved');
    const text = await readFile(join(path, 'model.json'), 'utf8');
    const weights = new Uint8Array(await readFile(join(path, 'weights.bin'))).buffer;
    const sources: PredictorSource[] = [
      ...[path, join(path, 'model.json'), pathToFileURL(path), `${pathToFileURL(path).href}/`],
      ...[`${server.url}/saved`, `${server.url}/saved/model.json`, new URL(`${server.url}/saved/`)],
      { model: JSON.parse(text) as object, weights },
    ];
    for (const source of sources) {
      const [{ label, probabilities }] = (await loadPredictor(source)).predict([series]);
      expect(maxError(probabilities, expected)).toBeLessThan(1e-6);
      expect(label).toBe(expected[1] > expected[0] ? 'yes' : 'no');
    }
    const fetched = await loadFetched(`${server.url}/saved`);
    expect(maxError(fetched.predict([series])[0].probabilities, expected)).toBeLessThan(1e-6);
    await server.close();
  });

  it('takes weights in several files', async () => {
    const parts = await savedParts(model);
    const { weightsManifest } = parts.model as { weightsManifest: [{ weights: { shape: number[] }[] }] };
    const [{ weights }] = weightsManifest;
    const bytes = (specs: typeof weights) =>
      specs.reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b), 0);
    const groups = [weights.slice(0, 3), weights.slice(3)];
    const path = join(folder, 'parts');
    await mkdir(path);
    const manifest = groups.map((specs, index) => ({ paths: [`${index}.bin`], weights: specs }));
    await writeFile(join(path, 'model.json'), JSON.stringify({ ...parts.model, weightsManifest: manifest }));
    const split = bytes(groups[0]);
    await writeFile(join(path, '0.bin'), new Uint8Array(parts.weights, 0, split));
    await writeFile(join(path, '1.bin'), new Uint8Array(parts.weights, split));
    const [{ probabilities }] = (await loadPredictor(path)).predict([series]);
    expect(maxError(probabilities, expected)).toBeLessThan(1e-6);
  });

  it('says what it is', async () => {
    const { info } = await loadPredictor(join(folder, 'saved'));
    expect(info).toMatchObject({
      ...{ task: 'classification', kind: 'series', inputShape: [5, 2], classNames: ['no', 'yes'] },
      ...{ precision: 'float32', threads: 1 },
    });
    expect(['simd', 'relaxed']).toContain(info.build);
    expect(info.bytes).toBeLessThan(2 ** 19);
  });

  it('predicts with models without metadata, as they are', async () => {
    const bare = pa.timeSeriesClassifier({ channels: 2, length: 3, classes: 2, width: 8, feedForward: 8, heads: 2 });
    const { info, predict } = await loadPredictor(await savedParts(bare)).then((predictor) => ({
      info: predictor.info,
      predict: () => predictor.predict([series]),
    }));
    expect(info.classNames).toEqual(['0', '1']);
    expect(maxError(predict()[0].probabilities, pa.predict(bare, data)[0])).toBeLessThan(1e-6);
  });

  it('takes models of layers in a row', async () => {
    const row = sequential({
      layers: [
        new pa.GeluActivation({ batchInputShape: [null, 3, 2] }),
        new pa.MultiHeadAttention({ numHeads: 2, keyDim: 2 }),
        layers.flatten(),
        new pa.FusedDense({ units: 2 }),
        layers.softmax(),
      ],
    });
    const [{ probabilities }] = (await loadPredictor(await savedParts(row))).predict([series]);
    const values = row.predict(tf.tensor3d(series, [1, 3, 2])) as tf.Tensor;
    expect(maxError(probabilities, values.dataSync())).toBeLessThan(1e-6);
  });

  describe('takes at most 4 MB of memory beside the weights', () => {
    const tokens = (options: Partial<pa.TokenClassifierConfig>) =>
      pa.tokenClassifier({ vocabulary: 18, length: 2000, classes: 10, ...options });
    const series = (options: Partial<pa.TimeSeriesClassifierConfig>) =>
      pa.timeSeriesClassifier({ channels: 6, length: 1000, classes: 10, ...options });
    const [headScales, scales] = [
      [1, 2],
      [1, 1, 1, 1, 2, 2, 4, 4],
    ];
    it.each<[string, () => LayersModel, PredictorOptions?]>([
      ['public', () => pa.timeSeriesClassifier({ channels: 12, length: 29, classes: 9, preset: 'public' })],
      ['2000 tokens', () => tokens({})],
      ['2000 tokens, int8', () => tokens({}), { precision: 'int8' }],
      ['2000 tokens, two threads', () => tokens({}), { threads: 2 }],
      ['2000 tokens, one head', () => tokens({ heads: 1 })],
      ['2000 tokens, bn', () => tokens({ attention: { batchNorm: true } })],
      ['2000 tokens, bn+sh', () => tokens({ attention: { batchNorm: true, headScales } })],
      ['2000 tokens, window', () => tokens({ attention: { window: [64, 64] } })],
      ['2000 tokens, linear', () => tokens({ attention: { kernel: 'linear' } })],
      ['2000 tokens, linear+bn', () => tokens({ attention: { kernel: 'linear', batchNorm: true } })],
      ['2000 tokens, linear+bn+sh', () => tokens({ attention: { kernel: 'linear', batchNorm: true, headScales } })],
      ['2000 tokens, flattened', () => tokens({ positions: 'learned', head: 'flatten', normalization: 'batch', normFirst: false })],
      ['1000 positions', () => series({})],
      ['1000 positions, bn+sh', () => series({ attention: { batchNorm: true, headScales: scales } })],
      ['1000 positions, linear', () => series({ attention: { kernel: 'linear' }, head: 'mean' })],
      ['images', () => pa.visionTransformer({ height: 32, width: 32, channels: 3, classes: 10 })],
    ])('%s', async (_, make, options = {}) => {
      const large = make();
      const parts = await savedParts(large);
      large.dispose();
      const predictor = await loadPredictor(parts, options);
      predictor.dispose();
      expect(predictor.info.bytes - parts.weights.byteLength).toBeLessThanOrEqual(4e6);
    }); // prettier-ignore
  });

  it('allocates nothing in its memory while it predicts', async () => {
    const predictor = await loadPredictor(join(folder, 'saved'), { batchSize: 4 });
    predictor.predict(new Array<Float32Array>(9).fill(series));
    expect(predictor.info.bytes).toBe((await loadPredictor(join(folder, 'saved'), { batchSize: 4 })).info.bytes);
  });
});

describe('errors of loadPredictor', () => {
  const load = async (change: (parts: { model: object; weights: ArrayBuffer }) => unknown, options = {}) => {
    const parts = await savedParts(model);
    return loadPredictor(change(parts) as PredictorSource, options);
  };
  const unknown = async () => {
    const dense = sequential({ layers: [layers.dense({ units: 2, inputShape: [3], name: 'mine' }), layers.softmax()] });
    return loadPredictor(await savedParts(dense));
  };

  it.each<[string, () => Promise<unknown>]>([
    ["layer 'mine' was a Dense, which is not known; it must be one of FusedDense, GeluActivation", unknown],
    ['source was 7; it must be a path, a URL or { model, weights }', () => load(() => 7)],
    ['weights was [1, 2]; it must be an ArrayBuffer', () => load((parts) => ({ ...parts, weights: [1, 2] }))],
    ['weights had 8 bytes; they must have ', () => load((parts) => ({ ...parts, weights: new ArrayBuffer(8) }))],
    ['model.json was no layers model: it has no modelTopology', () => load((parts) => ({ ...parts, model: {} }))],
    ['model.json was no layers model: it has no modelTopology', () => load((parts) => ({ ...parts, model: null }))],
    ['batchSize was 0; it must be an integer from 1 to 1048576', () => load((parts) => parts, { batchSize: 0 })],
    ['threads was 0; it must be an integer from 1 to 256', () => load((parts) => parts, { threads: 0 })],
    ["precision was 'int4'; it must be 'float32' or 'int8'", () => load((parts) => parts, { precision: 'int4' })],
    [
      'module was an instance of Uint8Array; it must be a WebAs',
      () => load((parts) => parts, { module: new Uint8Array() }),
    ],
    [
      'module was without the kernels; it must be one of primal-attention/predict/*.wasm',
      () => load((parts) => parts, { module: new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) }),
    ],
    [
      "unknown option 'batch'; the options are batchSize, threads, precision, module",
      () => load((p) => p, { batch: 1 }),
    ],
  ])('%s', async (message, run) => {
    await expect(run()).rejects.toThrow(`loadPredictor: ${message}`);
  });

  it('names what is wrong in a damaged model.json', async () => {
    const { model: whole, weights } = await savedParts(model);
    type Specs = { name: string; shape: unknown }[];
    const damaged = async (
      change: (layers: { name: string; config: Record<string, unknown> }[], specs: Specs) => void,
    ) => {
      const copy = JSON.parse(JSON.stringify(whole)) as {
        modelTopology: { config: { layers: { name: string; config: Record<string, unknown> }[] } };
        weightsManifest: { weights: Specs }[];
      };
      change(copy.modelTopology.config.layers, copy.weightsManifest[0].weights);
      return loadPredictor({ model: copy, weights });
    };
    const weight = (specs: Specs, name: string) => specs.find((spec) => spec.name.endsWith(name))!;
    const encoder = (layers: { name: string; config: Record<string, unknown> }[]) =>
      layers.find(({ name }) => name === 'encoder_0')!.config;
    const cases: [string, Parameters<typeof damaged>[0]][] = [
      ["weight 'encoder_0/intermediate/kernel' was of shape [12, 8]; it must be [8, any]",
        (_, specs) => (weight(specs, 'encoder_0/intermediate/kernel').shape = [12, 8])],
      ["weight 'encoder_0/attention_norm/gamma' was of shape [1, 8]; it must be [8]",
        (_, specs) => (weight(specs, 'encoder_0/attention_norm/gamma').shape = [1, 8])],
      ["classes/kernel' was of shape 'ab'; it must be a list of sizes",
        (_, specs) => (weight(specs, 'classes/kernel').shape = 'ab')],
      ["model.json has no weight 'encoder_0/intermediate/bias'",
        (_, specs) => (weight(specs, 'encoder_0/intermediate/bias').name = 'other')],
      ["model.json has no weight 'encoder_0/attention/query_key_value/bias'",
        (_, specs) => (weight(specs, 'encoder_0/attention/query_key_value/bias').name = 'other')],
      ["layer 'encoder_0' had 3 heads; they must divide its width, 8", (layers) => (encoder(layers).num_heads = 3)],
      ["layer 'encoder_0': normalization was 'none'; it must be", (layers) => (encoder(layers).normalization = 'none')],
      ["layer 'encoder_0': activation was 'swish'; it must be", (layers) => (encoder(layers).activation = 'swish')],
      ["layer 'encoder_0': epsilon was -1; it must be", (layers) => (encoder(layers).epsilon = -1)],
      ["layer 'encoder_0': unpooled was -1; it must be", (layers) => (encoder(layers).unpooled = -1)],
      ["model.json was no layers model: it has no layer 'encoder_0'", (layers) => layers.splice(layers.findIndex(({ name }) => name === 'encoder_0'), 1)],
    ]; // prettier-ignore
    for (const [message, change] of cases) {
      await expect(damaged(change), message).rejects.toThrow(message);
    }
  });

  it('names the file that is not there', async () => {
    await expect(loadPredictor(join(folder, 'nothing'))).rejects.toThrow(
      /^loadPredictor: file:.*nothing\/model\.json could not be read: ENOENT/,
    );
    await expect(loadPredictor('')).rejects.toThrow("loadPredictor: source was ''; it must be a path");
    await expect(loadPredictor('http://127.0.0.1:1/nothing')).rejects.toThrow(
      'loadPredictor: http://127.0.0.1:1/nothing/model.json could not be read',
    );
  });

  it('says what to give where the kernels are neither beside the code nor can be unpacked', async () => {
    vi.stubGlobal('DecompressionStream', undefined);
    const parts = await savedParts(model);
    await expect(loadFetched(parts)).rejects.toThrow(
      /loadPredictor: the kernels are not beside .* options\.module must be primal-attention\/predict\/\w+\.wasm, compiled/,
    );
    vi.unstubAllGlobals();
  });

  it('names a layer whose attention gives its scores', async () => {
    const shown = sequential({
      layers: [
        new pa.GeluActivation({ batchInputShape: [null, 3, 2] }),
        new pa.MultiHeadAttention({ numHeads: 2, keyDim: 2, name: 'seen' }),
        layers.flatten(),
        layers.softmax(),
      ],
    });
    const parts = await savedParts(shown);
    const text = JSON.stringify(parts.model).replace(
      '"return_attention_scores":false',
      '"return_attention_scores":true',
    );
    await expect(loadPredictor({ ...parts, model: JSON.parse(text) as object })).rejects.toThrow(
      "loadPredictor: layer 'seen' had returnAttentionScores; it must be without, to predict",
    );
  });
});
