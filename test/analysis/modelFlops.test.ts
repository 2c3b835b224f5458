/** Operations of models, against counts by hand. */
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  FusedDense,
  init,
  type LayerAttentionOptions,
  modelFlops,
  MultiHeadAttention,
  timeSeriesClassifier,
  timeSeriesForecaster,
  TransformerEncoderLayer,
} from '../../src/index.js';

beforeAll(() => init({ threads: 1 }));

const [B, N, C, H, D] = [3, 10, 8, 2, 4];

/** One layer on [N, C], with lengths. */
function alone(layer: layers.Layer, withLengths = true) {
  const x = input({ shape: [N, C] });
  const lengths = input({ shape: [1] });
  const y = layer.apply(withLengths ? [x, lengths] : x) as SymbolicTensor;
  return model({ inputs: withLengths ? [x, lengths] : x, outputs: y });
}

const multiHead = (attention: LayerAttentionOptions) => new MultiHeadAttention({ numHeads: H, keyDim: D, attention });
const projection = 2 * B * N * C * C;

/** Pairs of a query and a key that are seen in one head of one case, and what a pair takes. */
const forms: [string, LayerAttentionOptions, number][] = [
  ['softmax', {}, N * N],
  ['Attention-BN', { batchNorm: true }, N * N],
  ['softcap', { softcap: 5 }, N * N],
  ['causal', { causal: true }, (N * (N + 1)) / 2],
  ['a window', { window: [2, 1] }, 4 * N - 3 - 1],
];

describe('modelFlops', () => {
  it.each(forms)('counts projections and pairs of %s', (_, attention, pairs) => {
    const { forward, trainingStep } = modelFlops(alone(multiHead(attention)), { batch: B });
    const attended = B * H * pairs * 4 * D;
    expect(forward).toBe(4 * projection + attended);
    // The input of the first three projections is data: no gradient. Five products of attention in place of two.
    expect(trainingStep).toBe(forward + 3 * projection + 2 * projection + 2.5 * attended);
  });

  it('counts the pairs that a causal mask leaves', () => {
    const layer = new MultiHeadAttention({ numHeads: H, keyDim: D, useCausalMask: true });
    const { attention } = modelFlops(alone(layer), { batch: B });
    expect(attention.forward).toBe(((B * H * N * (N + 1)) / 2) * 4 * D);
  });

  it('counts each channel that is forecast by itself', () => {
    const sizes = { length: 16, horizon: 4, patchLength: 4, width: 8, feedForward: 16, heads: 2, layers: 1 };
    const [one, three] = [1, 3].map((channels) =>
      modelFlops(timeSeriesForecaster({ ...sizes, channels }), { batch: B }),
    );
    expect(one.forward).toBeGreaterThan(0);
    expect(three.forward).toBe(3 * one.forward);
    expect(three.trainingStep).toBe(3 * one.trainingStep);
    expect(three.attention.forward).toBe(3 * one.attention.forward);
  });

  it('counts a class token that is not averaged', () => {
    const layer = new MultiHeadAttention({ numHeads: H, keyDim: D, attention: { headScales: [1, 4] }, unpooled: 1 });
    const { forward } = modelFlops(alone(layer), { batch: B, lengths: [10, 6, 1] });
    const keys = N + (1 + Math.ceil((N - 1) / 4));
    const pairs = N * (10 + 6 + 1 + (1 + 3) + (1 + 2) + 1);
    expect(forward).toBe(2 * projection + 2 * (2 * B * keys * C * D) + pairs * 4 * D);
  });

  it('counts the averaged keys of Attention-SH, in projections too', () => {
    const { forward } = modelFlops(alone(multiHead({ headScales: [1, 3] })), { batch: B });
    const keys = N + Math.ceil(N / 3);
    expect(forward).toBe(2 * projection + 2 * (2 * B * keys * C * D) + B * N * keys * 4 * D);
  });

  it('counts linear attention on its primal side where that is less', () => {
    const { forward, trainingStep } = modelFlops(alone(multiHead({ kernel: 'linear' })), { batch: B });
    expect(forward).toBe(4 * projection + B * H * 4 * N * D * D);
    expect(trainingStep).toBe(forward + 5 * projection + B * H * 10 * N * D * D);
  });

  it('leaves padded keys out of attention, where it knows the lengths', () => {
    const lengths = [10, 4, 0];
    const padded = modelFlops(alone(multiHead({})), { batch: B, lengths });
    expect(padded.forward).toBe(4 * projection + H * N * (10 + 4 + 0) * 4 * D);
    const unknown = modelFlops(alone(multiHead({}), false), { batch: B, lengths });
    expect(unknown.forward).toBe(4 * projection + B * H * N * N * 4 * D);
  });

  it('takes keys and values of their own', () => {
    const [query, value, key] = [input({ shape: [N, C] }), input({ shape: [7, 5] }), input({ shape: [7, 6] })];
    const layer = new MultiHeadAttention({ numHeads: H, keyDim: D, valueDim: 3, outputShape: 11 });
    const cross = model({ inputs: [query, value, key], outputs: layer.apply([query, value, key]) as SymbolicTensor });
    const products = 2 * B * (N * C * H * D + 7 * 5 * H * 3 + 7 * 6 * H * D + N * H * 3 * 11);
    expect(modelFlops(cross, { batch: B }).forward).toBe(products + 2 * B * H * N * 7 * (D + 3));
  });

  it('adds the feed-forward part of an encoder layer', () => {
    const encoder = new TransformerEncoderLayer({ numHeads: H, intermediateDim: 16 });
    const { forward, trainingStep } = modelFlops(alone(encoder), { batch: B });
    const [fed, attended] = [2 * (2 * B * N * C * 16), B * H * N * N * 4 * D];
    expect(forward).toBe(4 * projection + fed + attended);
    expect(trainingStep).toBe(3 * forward - 3 * projection + 0.5 * attended);
  });

  it('counts a whole classifier', () => {
    const sizes = { channels: 5, length: N, classes: 3, width: C, feedForward: 16, heads: H, layers: 2 };
    const { forward, trainingStep, attention } = modelFlops(timeSeriesClassifier(sizes), { batch: B });
    const embedding = 2 * B * N * 5 * C;
    const attended = 2 * B * H * N * N * 4 * D;
    const products = 2 * (4 * projection + 2 * (2 * B * N * C * 16)) + 2 * B * N * C * 3;
    expect(forward).toBe(embedding + products + attended);
    expect(trainingStep).toBe(2 * embedding + 3 * products + 3.5 * attended);
    expect(attention).toEqual({ forward: attended, trainingStep: 3.5 * attended });
  });

  it('needs no gradients of what is not trained', () => {
    const x = input({ shape: [N, C] });
    const frozen = new FusedDense({ units: C, trainable: false });
    const dense = layers.dense({ units: 3 });
    const chain = (...steps: layers.Layer[]) =>
      model({ inputs: x, outputs: steps.reduce((y, layer) => layer.apply(y) as SymbolicTensor, x) });
    const [wide, narrow] = [projection, 2 * B * N * C * 3];
    expect(modelFlops(chain(frozen), { batch: B })).toMatchObject({ forward: wide, trainingStep: wide });
    const before = modelFlops(chain(frozen, dense), { batch: B });
    expect(before).toMatchObject({ forward: wide + narrow, trainingStep: wide + 2 * narrow });
    const between = modelFlops(chain(new FusedDense({ units: C }), new FusedDense({ units: C, trainable: false })), {
      batch: B,
    });
    expect(between.trainingStep).toBe(2 * wide + 2 * wide);
  });

  it('counts a layer as often as it is called', () => {
    const x = input({ shape: [N, C] });
    const shared = new FusedDense({ units: C });
    const once = shared.apply(x) as SymbolicTensor;
    const twice = model({ inputs: x, outputs: shared.apply(once) as SymbolicTensor });
    expect(modelFlops(twice, { batch: B })).toMatchObject({ forward: 2 * projection, trainingStep: 5 * projection });
    expect(modelFlops(model({ inputs: x, outputs: once }), { batch: B }).forward).toBe(projection);
  });

  it('says what it cannot count', () => {
    const image = input({ shape: [6, 6, 2] });
    const convolution = layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3 });
    const net = model({ inputs: image, outputs: convolution.apply(image) as SymbolicTensor });
    expect(() => modelFlops(net, { batch: B })).toThrow(
      "modelFlops: layer 'conv' was a Conv2D; it must be a layer of this package, a dense one or one without a weight matrix",
    );
    const any = input({ shape: [null, C], name: 'series' });
    const open = model({
      inputs: any,
      outputs: new FusedDense({ units: 2, name: 'dense' }).apply(any) as SymbolicTensor,
    });
    expect(() => modelFlops(open, { batch: B })).toThrow(
      "modelFlops: layer 'dense' had the shape [B, any, 8]; all sizes but B must be fixed",
    );
    expect(() => modelFlops(net, { batch: 0 })).toThrow('modelFlops: batch was 0; it must be an integer');
    expect(() => modelFlops(net, { batch: 2, lengths: [4] })).toThrow(
      'modelFlops: lengths held 1 numbers; they must be 2, one for each case',
    );
  });
});
