/** The cases that predictors take, and what they say of others. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { loadPredictor } from '../../src/predict/node.js';
import type { Predictor } from '../../src/predict/predictor.js';
import type { Case } from '../../src/predict/types.js';
import { maxError } from '../support/attention.js';
import { savedParts } from './savedParts.js';

const sizes = { classes: 2, feedForward: 8, heads: 2, seed: 1 };
const classNames = ['no', 'yes'];
const statistics = { mean: [1, 2], deviation: [2, 3] };
let [ofSeries, ofImages, ofTokens, ofIndices]: Predictor[] = [];

async function predictorOf(model: LayersModel, metadata?: Partial<pa.ModelMetadata>): Promise<Predictor> {
  if (metadata) pa.setMetadata(model, { data: 'd', form: 'softmax', classNames, ...metadata } as pa.ModelMetadata);
  return loadPredictor(await savedParts(model), { batchSize: 2 });
}

beforeAll(async () => {
  await pa.init();
  const tokenModel = () => pa.tokenClassifier({ vocabulary: 3, length: 4, width: 8, ...sizes });
  [ofSeries, ofImages, ofTokens, ofIndices] = await Promise.all([
    predictorOf(pa.timeSeriesClassifier({ channels: 2, length: 3, width: 8, ...sizes }), {
      kind: 'series',
      statistics,
    }),
    predictorOf(pa.visionTransformer({ height: 4, width: 4, channels: 2, embedDim: 8, ...sizes }), {
      kind: 'images',
      statistics,
    }),
    predictorOf(tokenModel(), { kind: 'tokens', statistics: null, vocabulary: ['a', 'b', '[MAX'] }),
    predictorOf(tokenModel()),
  ]);
});

const rows = (predictor: Predictor, ...cases: Case[]) =>
  predictor.predict(cases).map(({ probabilities }) => probabilities);

describe('cases', () => {
  it('are lists of positions or flat arrays; padding has no part in them', () => {
    const flat = Float32Array.of(1, 2, 3, 4);
    const [whole, a, b] = rows(ofSeries, [[9, 9], [9, 9], [9, 9]], flat, [[1, 2], [3, 4]]); // prettier-ignore
    expect(a).toEqual(b);
    expect(maxError(whole, a)).toBeGreaterThan(1e-4);
  });

  it('are images of bytes or floats', () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, at) => 7 * at);
    const [a, b] = rows(ofImages, bytes, Float32Array.from(bytes));
    expect(a).toEqual(b);
  });

  it('are tokens by their names or indices', () => {
    const [a, b, c] = rows(ofTokens, '( [MAX a b )', [2, 0, 1], 'a');
    expect(a).toEqual(b);
    expect(maxError(a, c)).toBeGreaterThan(1e-4);
    expect(rows(ofIndices, [2, 0, 1])[0]).toEqual(a);
  });

  it('may have missing values, where that is said: the means of their channels', async () => {
    const missing = { missing: true };
    expect(ofSeries.predict([[[NaN, 5], [3, NaN]]], missing)).toEqual(ofSeries.predict([[[1, 5], [3, 2]]])); // prettier-ignore
    const image = new Float32Array(32).fill(1);
    const [whole] = ofImages.predict([image]);
    expect(ofImages.predict([image.map((value, at) => (at === 6 ? NaN : value))], missing)).toEqual([whole]);
    expect(() => ofSeries.predict([[[Infinity, 5]]], missing)).toThrow('case 1, position 1, channel 1 was Infinity');
    // A model that has no means.
    const plain = await predictorOf(pa.timeSeriesClassifier({ channels: 1, length: 3, width: 8, ...sizes }));
    expect(() => plain.predict([[[NaN]]], missing)).toThrow('case 1, position 1, channel 1 was NaN');
  });

  it('may be any number, none too', () => {
    expect(ofSeries.predict([])).toEqual([]);
    const cases = Array.from({ length: 5 }, (_, index) => [[index, 1]]);
    expect(rows(ofSeries, ...cases)).toEqual(cases.map((one) => rows(ofSeries, one)[0]));
  });

  it.each<[string, unknown]>([
    ['options was null; it must be an object', null],
    ['missing was 1; it must be true or false', { missing: 1 }],
    ["unknown option 'mising'; the options are missing. Did you mean 'missing'?", { mising: true }],
  ])('are refused with options that are wrong: %s', (message, options) => {
    expect(() => ofSeries.predict([], options as { missing?: boolean })).toThrow(`predict: ${message}`);
  });

  it('are refused once the predictor is disposed', async () => {
    const predictor = await predictorOf(pa.timeSeriesClassifier({ channels: 1, length: 3, width: 8, ...sizes }));
    predictor.dispose();
    predictor.dispose();
    expect(() => predictor.predict([[[1]]])).toThrow('predict: the predictor was disposed; it must be loaded again');
  });
});

describe('errors of predict', () => {
  const image = (at: number, value: number) =>
    Float32Array.from({ length: 32 }, (_, index) => (index === at ? value : 0));

  it.each<[string, () => Predictor, unknown]>([
    ['cases was 7; it must be a list of cases', () => ofSeries, 7],
    ['case 1 was undefined; it must be a list of positions', () => ofSeries, new Array(2)],
    ['case 2 was 7; it must be a list of positions, or a Float32Array', () => ofSeries, [[[1, 2]], 7]],
    ['case 1 was 0 positions long; it must be 1 to 3 positions long', () => ofSeries, [[]]],
    ['case 1 was 4 positions long; it must be 1 to 3', () => ofSeries, [new Float32Array(8)]],
    ['case 1 was 3 numbers; it must be as many as its positions times 2', () => ofSeries, [new Float32Array(3)]],
    ['case 1, position 2 was [1]; it must be a list of 2 numbers, one a channel', () => ofSeries, [[[1, 2], [1]]]],
    ['case 2, position 1, channel 2 was NaN; it must be a finite float32', () => ofSeries, [[[1, 2]], [[1, NaN]]]],
    [
      'case 1, position 2, channel 1 was 1e+39; it must be',
      () => ofSeries,
      [
        [
          [1, 2],
          [1e39, 2],
        ],
      ],
    ],
    ["case 1, position 1, channel 1 was '1'; it must be", () => ofSeries, [[['1', 2]]]],
    ['case 1, position 2, channel 2 was Infinity', () => ofSeries, [Float32Array.of(1, 2, 3, Infinity)]],
    [
      'case 1 was 31 numbers; it must be a Uint8Array or Float32Array of 32 numbers, [4, 4, 2]',
      () => ofImages,
      [new Uint8Array(31)],
    ],
    [
      'case 2, row 2, column 3, channel 2 was NaN; it must be a finite float32',
      () => ofImages,
      [image(0, 1), image(13, NaN)],
    ],
    ["case 1, position 2 was 'c'; it must be one of a b [MAX", () => ofTokens, ['a c']],
    ['case 1, position 1 was 3; it must be an integer from 0 to 2', () => ofTokens, [[3]]],
    ['case 1 was 5 tokens long; it must be 1 to 4 tokens long', () => ofTokens, ['a a a a a']],
    ['case 1 was 0 tokens long; it must be 1 to 4 tokens long', () => ofTokens, [' ']],
    ['case 1 was a string; it must be a list of indices, since', () => ofIndices, ['a']],
    ['case 1 was undefined; it must be a string of names, or a list', () => ofTokens, [undefined]],
  ])('%s', (message, predictor, cases) => {
    expect(() => predictor().predict(cases as Case[])).toThrow(`predict: ${message}`);
  });
});
