/** Every model and option of the package, predicted without tfjs: what `pa.predict` says, on every build. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { loadPredictor } from '../../src/predict/node.js';
import type { Case } from '../../src/predict/types.js';
import { maxError } from '../support/attention.js';
import { random } from '../support/random.js';
import { savedParts, shuffleWeights } from './savedParts.js';

beforeAll(() => pa.init());

const cases = 7;
const length = 9;
const classNames = ['a', 'b', 'c'];
const lengths = [9, 5, 1, 9, 2, 8, 3];
const numbers = (count: number, seed: number) => Float32Array.from(random(`predict ${seed}`).normals(count));
const common = { labels: new Array<number>(cases).fill(0), classNames };

const series: pa.TimeSeriesData = {
  ...{ ...common, lengths, channels: 2 },
  series: lengths.map((positions, index) => numbers(2 * positions, index)),
};
const tokens: pa.LabelledTokens = {
  ...{ ...common, lengths, vocabulary: ['x', 'y', 'z', 'end', '['] },
  tokens: lengths.map((positions, index) => Int32Array.from({ length: positions }, (_, at) => (at * at + index) % 5)),
};
const images: pa.LabelledImages = {
  ...{ ...common, height: 8, width: 12, channels: 3 },
  images: Uint8Array.from({ length: cases * 288 }, (_, at) => (at * 7919) % 256),
};

/** Cases as a user of `predict` has them: not standardised. */
const casesOf: Record<pa.DataKind, Case[]> = {
  series: series.series,
  tokens: tokens.tokens.map((indices) => [...indices].map((index) => tokens.vocabulary[index]).join(' ')),
  images: lengths.map((_, index) => images.images.subarray(index * 288, (index + 1) * 288)),
};

const sizes = { classes: 3, feedForward: 20, heads: 4, layers: 2, seed: 1 };
const regressor = { feedForward: 20, heads: 4, layers: 2, seed: 1, attention: { batchNorm: true } };
const ofNumbers = { channels: 2, length, width: 12, feedForward: 20, heads: 4, layers: 2, seed: 1 };
const ofSeries = (options: Partial<pa.TimeSeriesClassifierConfig>) =>
  pa.timeSeriesClassifier({ channels: 2, length, width: 12, ...sizes, ...options });
const ofTokens = (options: Partial<pa.TokenClassifierConfig>) =>
  pa.tokenClassifier({ vocabulary: 5, length, width: 12, ...sizes, ...options });
const ofImages = (options: Partial<pa.VisionTransformerConfig>) =>
  pa.visionTransformer({ height: 8, width: 12, channels: 3, embedDim: 12, ...sizes, ...options });

/** A model of layers: series and lengths in, classes out. */
function ofLayers(build: (x: SymbolicTensor, lengths: SymbolicTensor) => SymbolicTensor): LayersModel {
  const inputs = [input({ shape: [length, 2], name: 'series' }), input({ shape: [1], name: 'lengths' })];
  const mean = new pa.AveragePositions().apply([build(inputs[0], inputs[1]), inputs[1]]) as SymbolicTensor;
  const classes = new pa.FusedDense({ units: 3 }).apply(mean) as SymbolicTensor;
  return model({ inputs, outputs: layers.softmax().apply(classes) as SymbolicTensor });
}
const attend = (args: Partial<pa.MultiHeadAttentionArgs>) =>
  ofLayers(
    (x, valid) => new pa.MultiHeadAttention({ numHeads: 4, keyDim: 3, ...args }).apply([x, valid]) as SymbolicTensor,
  );
const encode = (args: Partial<pa.TransformerEncoderLayerArgs>) =>
  ofLayers((x, valid) => {
    const wide = new pa.FusedDense({ units: 12, activation: 'relu', useBias: false }).apply(x);
    const layer = new pa.TransformerEncoderLayer({ numHeads: 4, intermediateDim: 10, ...args });
    return layer.apply([wide as SymbolicTensor, valid]) as SymbolicTensor;
  });

const attentions: Record<string, pa.LayerAttentionOptions> = {
  softmax: {},
  scale: { scale: 0.7 },
  'batch normalisation': { batchNorm: true },
  'its mean only': { batchNorm: { beta: 0.5, variance: false, epsilon: 1e-3 } },
  'scaled heads': { headScales: [1, 1, 2, 3] },
  'heads of one scale': { headScales: [2, 2, 2, 2] },
  both: { batchNorm: true, headScales: [1, 2, 2, 4] },
  linear: { kernel: 'linear' },
  'linear, causal': { kernel: 'linear', causal: true },
  'linear, both': { kernel: 'linear', batchNorm: true, headScales: [1, 1, 2, 2] },
  window: { window: [2, 1] },
  'window, both': { window: [3, 3], batchNorm: true, headScales: [1, 1, 2, 2] },
  causal: { causal: true },
  'causal, scaled heads': { causal: true, headScales: [1, 1, 2, 2] },
  softcap: { softcap: 2 },
  ALiBi: { alibiSlopes: true },
  'own slopes': { alibiSlopes: [0.5, 0.1, 0, 1], causal: true },
};
/** Those with which a class token sees the patches. */
const withToken = Object.entries(attentions).filter(
  ([, { causal, headScales, window }]) => !causal && !(headScales && window),
);

const models: Record<pa.DataKind, Record<string, () => LayersModel>> = {
  series: {
    ...Object.fromEntries(Object.entries(attentions).map(([name, attention]) => [name, () => ofSeries({ attention })])),
    'a form for each layer': () => ofSeries({ attention: [{ headScales: [1, 3, 3, 3] }, { kernel: 'linear' }] }),
    ...Object.fromEntries(
      (['batch', 'layer', 'rms'] as const).flatMap((normalization) =>
        [false, true].map((normFirst) => [
          `${normalization} normalisation, ${normFirst ? 'pre' : 'post'}-norm`,
          () => ofSeries({ normalization, normFirst, attention: attentions.both }),
        ]),
      ),
    ),
    'sine waves': () => ofSeries({ positions: 'sinusoidal' }),
    mean: () => ofSeries({ head: 'mean' }),
    'mean, sine waves': () => ofSeries({ head: 'mean', positions: 'sinusoidal', normFirst: true }),
    'one layer, one head': () => ofSeries({ layers: 1, heads: 1, feedForward: 5 }),
    'preset public': () => ofSeries({ preset: 'public', width: 64, feedForward: 300, head: 'mean' }),
    'attention with widths of its own': () => attend({ keyDim: 2, valueDim: 5, outputShape: 7 }),
    'attention without bias': () => attend({ useBias: false, useCausalMask: true }),
    'layers with a trained beta': () => ofSeries({ trainableBeta: true, attention: attentions.both }),
    'attention with a trained beta': () => attend({ trainableBeta: true, attention: { batchNorm: { beta: 0.3 } } }),
    'attention with unpooled keys': () => attend({ unpooled: 2, attention: { headScales: [1, 2, 2, 3] } }),
    'attention to another sequence': () =>
      ofLayers((x, valid) => {
        const [value, key] = [5, 6].map((units) => new pa.FusedDense({ units }).apply(x) as SymbolicTensor);
        const attention = { headScales: [2, 2, 1, 1] };
        return new pa.MultiHeadAttention({ numHeads: 4, keyDim: 3, attention }).apply([
          x,
          value,
          key,
          valid,
        ]) as SymbolicTensor;
      }),
    'attention to keys that are values': () =>
      ofLayers((x, valid) => {
        const value = new pa.FusedDense({ units: 5, activation: 'geluTanh' }).apply(x) as SymbolicTensor;
        return new pa.MultiHeadAttention({ numHeads: 4, keyDim: 3 }).apply([x, value, valid]) as SymbolicTensor;
      }),
    'attention without lengths': () =>
      ofLayers((x) => new pa.MultiHeadAttention({ numHeads: 4, keyDim: 3 }).apply(x) as SymbolicTensor),
    'an encoder with unpooled keys': () => encode({ unpooled: 1, attention: { headScales: [1, 1, 2, 2] } }),
    'an encoder with linear attention': () => encode({ normalization: 'rms', attention: { kernel: 'linear' } }),
    'layers of normalisation': () =>
      ofLayers((x, valid) => {
        const first = new pa.SequenceBatchNormalization({ epsilon: 0.01 }).apply([x, valid]) as SymbolicTensor;
        const second = new pa.SequenceLayerNormalization({ epsilon: 0.01 }).apply(first) as SymbolicTensor;
        return new pa.SequenceRmsNormalization({ epsilon: 0.01 }).apply(second) as SymbolicTensor;
      }),
    'a layer that is called twice': () => {
      const twice = new pa.MultiHeadAttention({ numHeads: 2, keyDim: 3 });
      return ofLayers((x, valid) => twice.apply([twice.apply([x, valid]) as SymbolicTensor, valid]) as SymbolicTensor);
    },
  },
  tokens: {
    ...Object.fromEntries(Object.entries(attentions).map(([name, attention]) => [name, () => ofTokens({ attention })])),
    'batch normalisation of layers, post-norm': () => ofTokens({ normalization: 'batch', normFirst: false }),
    'learned positions, flatten': () => ofTokens({ positions: 'learned', head: 'flatten', normalization: 'rms' }),
  },
  images: {
    ...Object.fromEntries(withToken.map(([name, attention]) => [name, () => ofImages({ attention })])),
    ...Object.fromEntries(
      Object.entries(attentions).map(([name, attention]) => [
        `mean: ${name}`,
        () => ofImages({ attention, head: 'mean', patchSize: 2 }),
      ]),
    ),
    'batch normalisation of layers, post-norm': () => ofImages({ normalization: 'batch', normFirst: false }),
    'one patch': () => ofImages({ patchSize: 4, normalization: 'rms' }),
  },
};
const data = { series, tokens, images };

describe.each(['simd', 'relaxed'] as const)('build %s', (build) => {
  let module: WebAssembly.Module;
  beforeAll(async () => {
    const file = fileURLToPath(new URL(`../../build/predict.${build}.wasm`, import.meta.url));
    module = await WebAssembly.compile(await readFile(file));
  });

  describe.each(['series', 'tokens', 'images'] as const)('%s', (kind) => {
    it.each(Object.entries(models[kind]))('%s', async (_, make) => {
      const original = make();
      shuffleWeights(original, 3);
      const statistics = kind === 'tokens' ? null : pa.channelStatistics(data[kind] as pa.TimeSeriesData);
      pa.setMetadata(original, pa.metadataOf(data[kind], { data: 'test', form: 'test', statistics }));
      const expected = pa.predict(original, pa.standardize(data[kind], statistics));
      const parts = await savedParts(original);
      original.dispose();
      // Cases differ, or an input that is not read would not be noticed.
      expect(maxError(expected[0], expected[1])).toBeGreaterThan(1e-4);
      for (const batchSize of [1, 3]) {
        const predictor = await loadPredictor(parts, { module, batchSize });
        // Twice: nothing of a case is left for the next.
        predictor.predict([...casesOf[kind]].reverse());
        const actual = predictor.predict(casesOf[kind]);
        expect(
          maxError(
            actual.flatMap(({ probabilities }) => [...probabilities]),
            expected.flat(),
          ),
        ).toBeLessThan(1e-5);
        const best = expected.map((row) => classNames[row.indexOf(Math.max(...row))]);
        expect(actual.map(({ label }) => label)).toEqual(best);
        predictor.dispose();
      }
    });
  });

  it.each(
    Object.entries({
      'series: flatten': () => pa.timeSeriesRegressor({ ...ofNumbers, attention: attentions.both }),
      'series: mean': () =>
        pa.timeSeriesRegressor({ ...ofNumbers, head: 'mean', normFirst: true, normalization: 'layer' }),
      tokens: () => pa.tokenRegressor({ ...regressor, vocabulary: 5, length, width: 12 }),
      images: () => pa.visionRegressor({ ...regressor, height: 8, width: 12, channels: 3, embedDim: 12 }),
    }),
  )('numbers: %s', async (name, make) => {
    const [kind] = name.split(':') as pa.DataKind[];
    const original = make();
    shuffleWeights(original, 3);
    const targets = lengths.map((positions) => 1e3 + 7 * positions);
    const statistics = kind === 'tokens' ? null : pa.channelStatistics(data[kind] as pa.TimeSeriesData);
    const numbered = { ...data[kind], classNames: [], targets };
    const { mean, deviation } = pa.targetStatistics(targets);
    pa.setMetadata(original, pa.metadataOf(numbered, { data: 'test', form: 'test', statistics }));
    const expected = pa.predict(original, pa.standardize(numbered, statistics)).map(([output]) => output);
    const parts = await savedParts(original);
    original.dispose();
    expect(Math.abs(expected[0] - expected[1])).toBeGreaterThan(1e-4);
    for (const batchSize of [1, 3]) {
      const predictor = await loadPredictor<'regression'>(parts, { module, batchSize });
      expect(predictor.info).toMatchObject({ task: 'regression', classNames: [], outputShape: [] });
      const actual = predictor.predict(casesOf[kind]).map(({ value }) => (value - mean) / deviation);
      expect(maxError(actual, expected)).toBeLessThan(1e-5);
      predictor.dispose();
    }
  });

  it.each(
    Object.entries({
      'channels by themselves': { attention: attentions.both },
      'patches of all channels': { channelIndependent: false, attention: { kernel: 'linear' } },
      'without instance normalisation': { instanceNormalization: false, normalization: 'layer', normFirst: true },
      'patches that do not overlap': { patchLength: 3, stride: 3 },
    } satisfies Record<string, Partial<pa.TimeSeriesForecasterConfig>>),
  )('forecasts: %s', async (_, options) => {
    const original = pa.timeSeriesForecaster({ ...ofNumbers, horizon: 5, patchLength: 4, ...options });
    shuffleWeights(original, 3);
    const full = lengths.map((_, index) => numbers(2 * length, index).map((value, i) => 10 * value + 100 * (i % 2)));
    const data = { ...common, classNames: [], series: full, lengths: lengths.map(() => length), channels: 2 };
    const statistics = pa.channelStatistics(data);
    const forecast = { length, horizon: 5 };
    pa.setMetadata(original, {
      ...{ data: 'test', form: 'test', kind: 'series', task: 'forecasting', classNames: [], statistics, forecast },
    });
    const expected = pa.predict(original, pa.standardize(data, statistics));
    const parts = await savedParts(original);
    original.dispose();
    expect(maxError(expected[0], expected[1])).toBeGreaterThan(1e-4);
    const { mean, deviation } = statistics;
    for (const batchSize of [1, 3]) {
      const predictor = await loadPredictor<'forecasting'>(parts, { module, batchSize });
      expect(predictor.info).toMatchObject({ task: 'forecasting', classNames: [], outputShape: [5, 2] });
      predictor.predict([...full].reverse());
      const actual = predictor
        .predict(full)
        .flatMap(({ forecast: steps }) =>
          steps.flatMap((step) => step.map((value, c) => (value - mean[c]) / deviation[c])),
        );
      expect(maxError(actual, expected.flat())).toBeLessThan(1e-5);
      expect(() => predictor.predict([new Float32Array(2)])).toThrow(`it must be ${length} positions long`);
      predictor.dispose();
    }
  });
});
