// Keras's arguments do what they say, masks reach every layer, and what a call refuses leaves no trace.

import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  adamW,
  AveragePositions,
  fit,
  FusedDense,
  init,
  MultiHeadAttention,
  SequenceBatchNormalization,
  sgd,
  TokenEmbedding,
  TransformerEncoderLayer,
} from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const apply = (layer: layers.Layer, x: tf.Tensor | tf.Tensor[], options = {}) => layer.apply(x, options) as tf.Tensor;
const attention = () => new MultiHeadAttention({ numHeads: 2, keyDim: 3, seed: 1 });
const [q, v, k] = [1, 2, 3].map((seed) => () => normal([2, seed === 1 ? 2 : 5, 4], seed));

describe('MultiHeadAttention', () => {
  it('takes any form of call in any order, with the same weights', () => {
    const self = () => normal([2, 5, 4], 4);
    const forms: (() => tf.Tensor[])[] = [
      () => [self()],
      () => [q(), v()],
      () => [q(), v(), k()],
      () => [self(), tf.tensor2d([3, 5], [2, 1])],
    ];
    for (const first of forms) {
      const layer = attention();
      apply(layer, first());
      for (const form of forms)
        expect(maxError(apply(layer, form()).dataSync(), apply(attention(), form()).dataSync())).toBeLessThan(1e-5);
      expect(apply(layer, q(), { value: v(), key: k() }).dataSync()).toEqual(apply(layer, [q(), v(), k()]).dataSync());
    }
  });

  it.each<[string, number[][], string]>([
    [
      'keys of another length',
      [
        [2, 1, 4],
        [2, 2, 4],
        [2, 64, 4],
      ],
      'key was [2, 64, 4]; it must be [2, 2, C], to fit value, [2, 2, 4]',
    ],
    [
      'values of another batch',
      [
        [2, 1, 4],
        [1, 2, 4],
      ],
      'value was [1, 2, 4]; it must be [2, M, C], to fit query, [2, 1, 4]',
    ],
    [
      'lengths of another batch',
      [
        [2, 1, 4],
        [1, 1],
      ],
      'lengths was [1, 1]; it must be [2, 1], to fit key, [2, 1, 4]',
    ],
    [
      'values of another width',
      [
        [2, 1, 4],
        [2, 2, 5],
      ],
      'value was [2, 2, 5]; it must be [2, 2, 4], as its weights were made for',
    ],
  ])('refuses %s, on tensors and symbolic ones', (_, shapes, message) => {
    const layer = attention();
    apply(layer, normal([2, 5, 4], 4));
    expect(() =>
      apply(
        layer,
        shapes.map((shape) => tf.ones(shape)),
      ),
    ).toThrow(`MultiHeadAttention: ${message}`);
    const symbolic = shapes.map((batchShape) => input({ batchShape }));
    expect(() => layer.apply(symbolic)).toThrow(`MultiHeadAttention: ${message}`);
  });

  it('puts the masks of query, value and key together with an attention mask', () => {
    const [ofQuery, ofValue, ofKey] = [
      [1, 1, 0, 1],
      [1, 1, 0, 1, 1, 1, 0, 1, 1, 1],
      [1, 0, 1, 1, 1, 1, 1, 1, 1, 0],
    ].map((values) => tf.tensor2d(values, [2, values.length / 2], 'bool'));
    const pairs = tf.less(normal([2, 2, 5], 9), 1);
    const keys = tf.expandDims(tf.logicalAnd(ofValue, ofKey), 1);
    const all = tf.logicalAnd(tf.logicalAnd(tf.expandDims(ofQuery, 2), keys), pairs);
    const expected = apply(attention(), [q(), v(), k()], { attentionMask: all }).dataSync();
    const options = { mask: [ofQuery, ofValue, ofKey], attentionMask: pairs };
    expect(maxError(apply(attention(), [q(), v(), k()], options).dataSync(), expected)).toBeLessThan(1e-6);
    const carried = [q(), v(), k()].map((x, i) => Object.assign(x, { kerasMask: [ofQuery, ofValue, ofKey][i] }));
    expect(maxError(apply(attention(), carried, { attentionMask: pairs }).dataSync(), expected)).toBeLessThan(1e-6);
  });

  it('never inverts a mask that is made to be added', () => {
    const x = normal([2, 5, 4], 4);
    const refuse = (mask: tf.Tensor) => () => apply(attention(), x, { attentionMask: mask });
    expect(refuse(tf.where(tf.less(normal([5, 5], 1), 0), 0, -1e9))).toThrow(
      'attentionMask held -1000000000; it must hold',
    );
    expect(refuse(tf.zeros([5, 5]))).toThrow('attentionMask was float32 and 0 throughout');
    expect(() => apply(attention(), x, { mask: tf.fill([2, 5], 0.5) })).toThrow('the mask of value held 0.5');
  });
});

it('the mask of a value reaches attention in a model, through layers of tfjs too', () => {
  const ids = tf.tensor2d([1, 2, 0, 3, 1, 0, 0, 2, 3, 1], [2, 5]);
  const embeddings: layers.Layer[] = [
    new TokenEmbedding({ inputDim: 4, outputDim: 4, maskZero: true, seed: 1 }),
    layers.embedding({ inputDim: 4, outputDim: 4, maskZero: true }),
  ];
  for (const embedding of embeddings) {
    for (const between of [undefined, layers.dropout({ rate: 0.5 }), layers.dense({ units: 4 })]) {
      const [query, tokens] = [input({ shape: [2, 4] }), input({ shape: [5] })];
      const embedded = embedding.apply(tokens) as SymbolicTensor;
      const value = between ? (between.apply(embedded) as SymbolicTensor) : embedded;
      const made = model({ inputs: [query, tokens], outputs: attention().apply([query, value]) as SymbolicTensor });
      const plain = between ? apply(between, apply(embedding, ids)) : apply(embedding, ids);
      const mask = tf.notEqual(ids, 0);
      const expected = apply(attention(), [q(), tf.clone(plain)], { mask: [null, mask] });
      for (let call = 0; call < 2; call++) {
        const predicted = made.predict([q(), ids]) as tf.Tensor;
        expect(maxError(predicted.dataSync(), expected.dataSync())).toBeLessThan(1e-5);
      }
    }
  }
});

it('layers called on tensors that carry masks use them, and hand them on', () => {
  const ids = tf.tensor2d([1, 2, 3, 0, 0, 1, 2, 0, 0, 0], [2, 5]);
  const embedded = apply(new TokenEmbedding({ inputDim: 4, outputDim: 4, maskZero: true, seed: 1 }), ids);
  const encoder = new TransformerEncoderLayer({ numHeads: 2, intermediateDim: 8, seed: 2 });
  const dense = new FusedDense({ units: 4, kernelInitializer: 'ones' });
  const read = (x: tf.Tensor, options = {}) =>
    apply(new AveragePositions(), apply(dense, apply(encoder, x, options), options), options).dataSync();
  const lengths = tf.tensor2d([3, 2], [2, 1]);
  const encoded = apply(dense, apply(encoder, [tf.clone(embedded), lengths]));
  expect(maxError(read(embedded), apply(new AveragePositions(), [tf.clone(encoded), lengths]).dataSync())).toBeLessThan(
    1e-5,
  );
});

describe('weights of layers', () => {
  const train = async (optimizer: tf.Optimizer, args: object, steps = 6) => {
    const [inputs, layer] = [input({ shape: [3] }), new FusedDense({ units: 2, kernelInitializer: 'ones', ...args })];
    const made = model({ inputs, outputs: layer.apply(inputs) as SymbolicTensor });
    made.compile({ optimizer, loss: 'meanSquaredError' });
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      losses.push((await made.trainOnBatch(normal([8, 3], 1), tf.fill([8, 2], -9))) as number);
    }
    return { losses, kernel: layer.getWeights()[0] };
  };
  const optimizers: [string, () => tf.Optimizer][] = [
    ['tfjs sgd', () => tf.train.sgd(0.3)],
    ['tfjs adam', () => tf.train.adam(0.3)],
    ['adamW', () => adamW({ learningRate: 0.3 })],
    ['sgd', () => sgd({ learningRate: 0.3 })],
  ];

  it.each(optimizers)('obey their constraints after each step of %s', async (_, make) => {
    const { kernel } = await train(make(), { kernelConstraint: 'unitNorm' });
    tf.norm(kernel, 2, 0)
      .dataSync()
      .forEach((norm) => expect(norm).toBeCloseTo(1, 4));
    const free = (await train(make(), {})).kernel;
    expect(Math.min(...free.dataSync())).toBeLessThan(0);
    expect(Math.min(...(await train(make(), { kernelConstraint: 'nonNeg' })).kernel.dataSync())).toBeGreaterThanOrEqual(
      0,
    );
  });

  it('add their penalties to the loss, inside an encoder layer too', async () => {
    const loss = async (args: object) => (await train(tf.train.sgd(0), args, 1)).losses[0];
    // 0.01 for each of 6 ones, and its square.
    expect((await loss({ kernelRegularizer: 'l1l2' })) - (await loss({}))).toBeCloseTo(0.12, 4);
    const encoder = new TransformerEncoderLayer({
      numHeads: 2,
      intermediateDim: 8,
      kernelInitializer: 'ones',
      kernelRegularizer: 'l1',
      gammaRegularizer: 'l1',
    });
    encoder.build([null, 5, 4]);
    const penalty = encoder.calculateLosses().reduce((sum, one) => sum + one.dataSync()[0], 0);
    expect(penalty).toBeCloseTo(0.01 * (4 * 16 + 2 * 32 + 2 * 4), 5);
  });

  it('add their penalties to the loss of pa.fit', async () => {
    const loss = async (kernelRegularizer?: string) => {
      const [series, lengths] = [input({ shape: [4, 2] }), input({ shape: [1] })];
      const mean = new AveragePositions().apply([series, lengths]) as SymbolicTensor;
      const logits = new FusedDense({ units: 2, kernelInitializer: 'ones', kernelRegularizer }).apply(mean);
      const outputs = layers.softmax().apply(logits) as SymbolicTensor;
      const made = model({ inputs: [series, lengths], outputs });
      const values = [1, 2, 3].map((value) => Float32Array.from({ length: 8 }, (_, i) => value + i));
      const data = { series: values, lengths: [4, 4, 4], channels: 2, labels: [0, 1, 0], classNames: ['a', 'b'] };
      const [progress] = await fit(made, data, { epochs: 1, batchSize: 3, optimizer: tf.train.sgd(0), seed: 1 });
      return progress.loss;
    };
    // 0.01 for each of 4 ones, and its square.
    expect((await loss('l1l2')) - (await loss())).toBeCloseTo(0.08, 4);
  });

  it('refuse objects that would make NaN of them, or are of another kind', () => {
    const make = (args: object) => () => new FusedDense({ units: 2, ...args });
    const l1 = { className: 'L1L2', config: { l1: 'x', l2: 0 } };
    expect(make({ kernelRegularizer: l1 })).toThrow("l1 of kernelRegularizer was 'x'; it must be a finite number");
    expect(make({ kernelInitializer: l1 })).toThrow("kernelInitializer: className was 'L1L2'");
    expect(make({ biasInitializer: { className: 'constructor', config: {} } })).toThrow("className was 'constructor'");
    expect(() => new TransformerEncoderLayer({ numHeads: 1, intermediateDim: 1, causal: true } as never)).toThrow(
      "Did you mean 'useCausalMask'?",
    );
  });

  it('useCausalMask hides the future in an encoder layer', () => {
    const encoder = new TransformerEncoderLayer({ numHeads: 2, intermediateDim: 8, useCausalMask: true, seed: 2 });
    const [x, last] = [normal([1, 4, 4], 1), tf.oneHot(tf.tensor1d([3], 'int32'), 4)];
    const changed = tf.add(x, tf.reshape(tf.cast(last, 'float32'), [1, 4, 1]));
    const past = (y: tf.Tensor) => tf.slice(y, [0, 0, 0], [1, 3, 4]).dataSync();
    expect(past(apply(encoder, changed))).toEqual(past(apply(encoder, x)));
  });
});

describe('batch statistics', () => {
  const moving = (layer: layers.Layer) =>
    layer.weights.filter(({ name }) => name.includes('moving')).flatMap((weight) => [...weight.read().dataSync()]);
  const x = () => normal([2, 5, 4], 1);
  const none = () => tf.zeros([2, 1]);
  const nan = () => tf.fill([2, 5, 4], NaN);

  it.each<[string, () => tf.Tensor[], (layer: layers.Layer) => void]>([
    ['a frozen layer', () => [x()], (layer) => (layer.trainable = false)],
    ['a batch without a valid position', () => [x(), none()], () => undefined],
    ['a batch of NaN', () => [nan()], () => undefined],
  ])('stay where they were: %s', (_, inputs, prepare) => {
    const made = [
      new SequenceBatchNormalization(),
      new TransformerEncoderLayer({ numHeads: 2, intermediateDim: 8, normalization: 'batch', normFirst: true }),
    ];
    for (const layer of made) {
      apply(layer, x(), { training: true });
      prepare(layer);
      const before = moving(layer);
      expect(before.length).toBeGreaterThan(0);
      const y = apply(layer, inputs(), { training: true });
      expect(moving(layer)).toEqual(before);
      if (layer === made[0] && !layer.trainable) expect(y.dataSync()).toEqual(apply(layer, x()).dataSync());
    }
  });

  it('stay where they were if a later part of an encoder layer fails', () => {
    const encoder = new TransformerEncoderLayer({
      numHeads: 2,
      intermediateDim: 8,
      normalization: 'batch',
      normFirst: true,
    });
    apply(encoder, x(), { training: true });
    const before = moving(encoder);
    encoder.attention.call = () => {
      throw new Error('no memory');
    };
    expect(() => apply(encoder, x(), { training: true })).toThrow('no memory');
    expect(moving(encoder)).toEqual(before);
  });
});
