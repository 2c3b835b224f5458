/** `precision: 'int8'`: near float32, the same in every batch, on every build. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { loadPredictor } from '../../src/predict/node.js';
import type { Case, PredictorOptions } from '../../src/predict/types.js';
import { random } from '../support/random.js';
import { savedParts, shuffleWeights } from './savedParts.js';

beforeAll(() => pa.init());

const count = 11;
const lengths = [17, 5, 1, 17, 2, 8, 3, 17, 16, 4, 9];
const source = random('int8');
const cases: Record<'series' | 'images', Case[]> = {
  series: lengths.map((length) => source.normals(3 * length)),
  images: Array.from({ length: count }, () => Uint8Array.from({ length: 256 }, () => source.integer(0, 255))),
};
const sizes = { classes: 3, feedForward: 300, heads: 4, layers: 2, seed: 1 };
const series = (options: Partial<pa.TimeSeriesClassifierConfig>) => () =>
  pa.timeSeriesClassifier({ channels: 3, length: 17, width: 64, ...sizes, ...options });
const models: [string, keyof typeof cases, () => LayersModel][] = [
  ['batch normalisation', 'series', series({})],
  ['pre-norm, mean', 'series', series({ normalization: 'layer', normFirst: true, head: 'mean' })],
  ['both improvements', 'series', series({ attention: { batchNorm: true, headScales: [1, 2, 2, 4] }, head: 'mean' })],
  ['linear attention', 'series', series({ attention: { kernel: 'linear' }, normalization: 'rms' })],
  [
    'a class token',
    'images',
    () => pa.visionTransformer({ height: 16, width: 16, channels: 1, embedDim: 48, ...sizes }),
  ],
];

describe.each(['simd', 'relaxed'] as const)('build %s', (build) => {
  let module: WebAssembly.Module;
  beforeAll(async () => {
    const file = fileURLToPath(new URL(`../../build/predict.${build}.wasm`, import.meta.url));
    module = await WebAssembly.compile(await readFile(file));
  });

  it.each(models)('%s', async (_, kind, make) => {
    const model = make();
    shuffleWeights(model, 3, 0.05);
    const parts = await savedParts(model);
    model.dispose();
    const probabilities = async (options: PredictorOptions) => {
      const predictor = await loadPredictor(parts, { module, ...options });
      predictor.predict([...cases[kind]].reverse());
      const found = predictor.predict(cases[kind]).map((one) => [...one.probabilities]);
      const { info } = predictor;
      predictor.dispose();
      return { found, info };
    };
    const exact = await probabilities({});
    expect(exact.info).toMatchObject({ precision: 'float32', products: 'float32' });
    const quantized = await probabilities({ precision: 'int8' });
    expect(quantized.info.precision).toBe('int8');
    expect(quantized.info.products).toMatch(build === 'simd' ? 'i32x4.dot_i16x8_s' : /relaxed_dot_i8x16_i7x16/);
    // The larger part of the weights is an eighth to a quarter as large.
    expect(quantized.info.bytes).toBeLessThan(exact.info.bytes);
    // On the average: Attention-BN magnifies errors where a sequence has two positions only.
    const expected = exact.found.flat();
    const errors = quantized.found.flat().map((p, index) => Math.abs(p - expected[index]));
    const error = errors.reduce((sum, one) => sum + one, 0) / errors.length;
    expect(error).toBeLessThan(0.03);
    expect(error).toBeGreaterThan(1e-5);
    for (const batchSize of [2, 3, 8]) {
      expect((await probabilities({ precision: 'int8', batchSize })).found, `${batchSize}`).toEqual(quantized.found);
    }
  });
});
