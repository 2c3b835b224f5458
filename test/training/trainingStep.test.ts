import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  regularizers,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/batches.js';
import { reseed } from '../../src/layers/reseed.js';
import { timeSeriesClassifier } from '../../src/models/timeSeriesClassifier.js';
import { init } from '../../src/ops/init.js';
import { crossEntropy } from '../../src/training/crossEntropy.js';
import { classification } from '../../src/training/tasks/classification.js';
import type { LossOptions } from '../../src/training/tasks/task.js';
import { trainingStep } from '../../src/training/trainingStep.js';
import { maxError } from '../support/attention.js';
import { random } from '../support/random.js';

beforeAll(() => init());

const config = { channels: 2, length: 5, classes: 3, width: 8, feedForward: 12, heads: 2, layers: 2, seed: 1 };

const batch: Batch = {
  size: 4,
  inputs: [
    { values: random('batch').normals(4 * 5 * 2), shape: [4, 5, 2] },
    { values: Float32Array.of(5, 3, 1, 4), shape: [4, 1] },
  ],
  labels: Float32Array.of(0, 1, 2, 1),
};

/** A step of a classifier. */
const stepOf = (model: LayersModel, optimizer: tf.Optimizer, options?: LossOptions) =>
  trainingStep(model, optimizer, classification.objective(model, options));

const values = (model: LayersModel) => model.getWeights().flatMap((weight) => [...weight.dataSync()]);

function tensors(): [tf.Tensor[], tf.Tensor] {
  const inputs = batch.inputs.map(({ values, shape }) => tf.tensor(values, shape));
  return [inputs, tf.cast(tf.oneHot(Array.from(batch.labels), 3), 'float32')];
}

describe('trainingStep', () => {
  it.each(['flatten', 'mean'] as const)('does what trainOnBatch does on the probabilities (%s)', async (head) => {
    const [ours, theirs] = [timeSeriesClassifier({ ...config, head }), timeSeriesClassifier({ ...config, head })];
    for (const model of [ours, theirs]) reseed(model, 3);
    const step = stepOf(ours, tf.train.sgd(0.1));
    theirs.compile({ optimizer: tf.train.sgd(0.1), loss: crossEntropy, metrics: ['accuracy'] });
    for (let i = 0; i < 3; i++) {
      const found = step(batch);
      const [loss, accuracy] = (await theirs.trainOnBatch(...tensors())) as number[];
      expect(found.loss).toBeCloseTo(loss, 5);
      expect(found.accuracy).toBe(accuracy);
    }
    expect(maxError(values(ours), values(theirs))).toBeLessThan(1e-5);
  });

  it('trains the layers as in training: with dropout, and running statistics that move', () => {
    const model = timeSeriesClassifier({ ...config, dropout: 0.4 });
    const still = timeSeriesClassifier({ ...config, dropout: 0 });
    const [one, other] = [model, still].map((model) => stepOf(model, tf.train.sgd(0))(batch).loss);
    expect(one).not.toBeCloseTo(other, 3);
    const moving = still.weights.find(({ originalName }) => originalName.endsWith('moving_mean'))!;
    expect(
      moving
        .read()
        .dataSync()
        .some((value) => value !== 0),
    ).toBe(true);
  });

  it('trains up to probabilities where no softmax layer stands last, and counts penalties', () => {
    const [series, lengths] = [input({ shape: [5, 2] }), input({ shape: [1] })];
    const flat = layers.flatten().apply(series) as SymbolicTensor;
    const dense = layers.dense({
      ...{ units: 3, activation: 'softmax', kernelInitializer: 'zeros' },
      kernelRegularizer: regularizers.l2({ l2: 1 }),
    });
    const model = makeModel({ inputs: [series, lengths], outputs: dense.apply(flat) as SymbolicTensor });
    const step = stepOf(model, tf.train.sgd(0.5));
    const first = step(batch);
    expect(first.loss).toBeCloseTo(Math.log(3), 5);
    const penalty = tf.sum(tf.square(dense.getWeights()[0])).dataSync()[0];
    const [inputs, labels] = tensors();
    const loss = tf.mean(crossEntropy(labels, model.predict(inputs) as tf.Tensor)).dataSync()[0];
    expect(step(batch).loss).toBeCloseTo(loss + penalty, 5);
  });

  const settings = { labelSmoothing: 0.1, classWeights: [1, 0.5, 3] };

  /** The weighted mean of -sum t log p, with smoothed labels, in float64. */
  function smoothedLoss(probabilities: number[][], { labelSmoothing, classWeights } = settings): number {
    const weights = Array.from(batch.labels, (label) => classWeights[label]);
    const losses = probabilities.map((row, b) =>
      row.reduce((sum, p, c) => {
        const target = (c === batch.labels[b] ? 1 - labelSmoothing : 0) + labelSmoothing / row.length;
        return sum - target * Math.log(p);
      }, 0),
    );
    const total = weights.reduce((a, b) => a + b);
    return losses.reduce((sum, loss, b) => sum + loss * weights[b], 0) / total;
  }

  it('smooths labels and weighs classes, on logits and on probabilities', () => {
    const whole = timeSeriesClassifier({ ...config, dropout: 0, normalization: 'layer' });
    const row = layers.activation({ activation: 'linear' }).apply(whole.outputs[0]) as SymbolicTensor;
    const bare = makeModel({ inputs: whole.inputs, outputs: row });
    for (const model of [whole, bare]) {
      const step = stepOf(model, tf.train.sgd(0.1), settings);
      for (let i = 0; i < 2; i++) {
        const [inputs] = tensors();
        const expected = smoothedLoss((model.predict(inputs) as tf.Tensor2D).arraySync());
        expect(step(batch).loss).toBeCloseTo(expected, 5);
      }
    }
  });

  it('moves by the gradient of the smoothed, weighted loss', () => {
    const model = timeSeriesClassifier({ ...config, dropout: 0, normalization: 'layer' });
    const bias = model.getLayer('classes').weights.find(({ name }) => name.includes('bias'))!;
    const [inputs] = tensors();
    const loss = (shift: number) => {
      const before = bias.read().dataSync().slice();
      bias.write(tf.tensor1d([before[0] + shift, before[1], before[2]]));
      const found = smoothedLoss((model.predict(inputs) as tf.Tensor2D).arraySync());
      bias.write(tf.tensor1d(before));
      return found;
    };
    const slope = (loss(0.05) - loss(-0.05)) / 0.1;
    const before = bias.read().dataSync()[0];
    stepOf(model, tf.train.sgd(1), settings)(batch);
    expect(before - bias.read().dataSync()[0]).toBeCloseTo(slope, 3);
  });

  it('leaves layers alone that are not trainable', () => {
    const model = timeSeriesClassifier(config);
    const [frozen, free] = ['encoder_0', 'encoder_1'].map((name) => model.getLayer(name));
    frozen.trainable = false;
    const weightsOf = (layer: layers.Layer) => [...layer.weights[0].read().dataSync()];
    const before = [frozen, free].map(weightsOf);
    stepOf(model, tf.train.sgd(0.1))(batch);
    expect(weightsOf(frozen)).toEqual(before[0]);
    expect(weightsOf(free)).not.toEqual(before[1]);
  });

  it('leaves no tensors behind, also where the optimizer fails', () => {
    const model = timeSeriesClassifier(config);
    const failing = tf.train.sgd(0.1);
    failing.applyGradients = () => {
      throw new Error('failed');
    };
    const [step, fail] = [stepOf(model, tf.train.sgd(0.1)), stepOf(model, failing)];
    step(batch);
    const memory = tf.memory();
    for (let i = 0; i < 5; i++) step(batch);
    for (let i = 0; i < 5; i++) expect(() => fail(batch)).toThrow('failed');
    expect(tf.memory()).toEqual(memory);
  });
});
