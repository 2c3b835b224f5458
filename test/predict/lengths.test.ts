/** Plans of fewer positions: a case's result does not depend on the plan that computes it, bit for bit. */
import { input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import * as pa from '../../src/index.js';
import { readGraph } from '../../src/predict/modelJson.js';
import { needsPadding } from '../../src/predict/needsPadding.js';
import { loadPredictor } from '../../src/predict/node.js';
import { random } from '../support/random.js';
import { savedParts, shuffleWeights } from './savedParts.js';

beforeAll(() => pa.init());

const [length, channels] = [37, 3];
const source = random('lengths');
const sizes = { channels, length, width: 32, feedForward: 40, heads: 4, layers: 2, seed: 1 };
const series = (options: Partial<pa.TimeSeriesClassifierConfig>) => () =>
  pa.timeSeriesClassifier({ ...sizes, classes: 4, ...options });

const models: Record<string, () => LayersModel> = {
  'softmax, flatten': series({}),
  'both improvements': series({ attention: { batchNorm: true, headScales: [1, 2, 2, 8] } }),
  'mean, sine waves': series({ head: 'mean', positions: 'sinusoidal', normalization: 'layer', normFirst: true }),
  linear: series({ attention: { kernel: 'linear' }, normalization: 'rms' }),
  'linear, scaled heads': series({ attention: { kernel: 'linear', headScales: [1, 1, 3, 3] }, head: 'mean' }),
  causal: series({ attention: { causal: true } }),
  'a window': series({ attention: { window: [2, 5] } }),
  ALiBi: series({ attention: { alibiSlopes: true } }),
  regression: () => pa.timeSeriesRegressor(sizes),
};

describe.each(['float32', 'int8'] as const)('%s', (precision) => {
  it.each(Object.entries(models))('%s', async (name, make) => {
    const original = make();
    shuffleWeights(original, 3, 0.2);
    if (name === 'regression') {
      const data = { kind: 'series', series: [], lengths: [], channels, labels: [], classNames: [], targets: [0, 1] };
      pa.setMetadata(original, pa.metadataOf(data as never, { data: 'd', form: 'f', statistics: null }));
    }
    const predictor = await loadPredictor<never>(await savedParts(original), { batchSize: 4, precision });
    original.dispose();
    const longest = source.normals(length * channels);
    for (let positions = 1; positions <= length; positions++) {
      const one = source.normals(positions * channels);
      const [alone] = predictor.predict([one]);
      expect(predictor.predict([longest, one, longest])[1], `${positions} beside ${length}`).toEqual(alone);
      expect(predictor.predict([one, one, one, one])[2], `four times ${positions}`).toEqual(alone);
    }
    predictor.dispose();
  });
});

it('cases of all lengths come back in their order', async () => {
  const original = series({})();
  shuffleWeights(original, 3);
  const predictor = await loadPredictor(await savedParts(original), { batchSize: 4 });
  original.dispose();
  const cases = Array.from({ length: 23 }, (_, index) => source.normals(channels * (1 + ((index * 11) % length))));
  expect(predictor.predict(cases)).toEqual(cases.map((one) => predictor.predict([one])[0]));
});

describe('models that read padding have one plan', () => {
  const inputs = () => [input({ shape: [5, 2] }), input({ shape: [1] })];
  const classesOf = (x: SymbolicTensor) =>
    layers.softmax().apply(new pa.FusedDense({ units: 3 }).apply(x)) as SymbolicTensor;
  const attend = () => new pa.MultiHeadAttention({ numHeads: 2, keyDim: 2 });
  it.each<[string, boolean, (x: SymbolicTensor, lengths: SymbolicTensor) => unknown]>([
    ['a mean of valid positions', false, (x, lengths) => new pa.AveragePositions().apply([x, lengths])],
    ['the first position', false, (x) => new pa.FirstPosition().apply(x)],
    ['padding set to 0, then flattened', false, (x, lengths) => layers.flatten().apply(new pa.MaskPadding().apply([x, lengths]))],
    ['a mean of all positions', true, (x) => layers.globalAveragePooling1d().apply(x)],
    ['padding that is flattened', true, (x) => layers.flatten().apply(x)],
    ['padding that is no 0 any more', true, (x, lengths) => layers.flatten().apply(new pa.GeluActivation().apply(new pa.FusedDense({ units: 4 }).apply(new pa.MaskPadding().apply([x, lengths]))))],
    ['attention to padding', true, (x, lengths) => new pa.AveragePositions().apply([attend().apply(x) as SymbolicTensor, lengths])],
    ['attention to valid positions', false, (x, lengths) => new pa.AveragePositions().apply([attend().apply([x, lengths]) as SymbolicTensor, lengths])],
    ['patches', true, (x, lengths) => new pa.AveragePositions().apply([new pa.SeriesPatches({ patchLength: 2, stride: 1 }).apply(x) as SymbolicTensor, lengths])],
  ])('%s: %s', async (_, needs, build) => {
    const [x, lengths] = inputs();
    const original = model({ inputs: [x, lengths], outputs: classesOf(build(x, lengths) as SymbolicTensor) });
    const parts = await savedParts(original);
    original.dispose();
    expect(needsPadding(readGraph(parts.model))).toBe(needs);
  }); // prettier-ignore
});
