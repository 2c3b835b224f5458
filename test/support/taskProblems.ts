// For each kernel in tasks, results that it computes, in several tasks each.

import * as tf from '@tensorflow/tfjs-core';
import { attention, gelu, softmaxCrossEntropy } from '../../src/index.js';
import { addPositions } from '../../src/ops/addPositions.js';
import { poolPositions } from '../../src/ops/poolPositions.js';
import { batchNormalization, batchNormalizationInference } from '../../src/ops/batchNormalization.js';
import { blend } from '../../src/ops/blend.js';
import { depthwiseConvolution } from '../../src/ops/depthwiseConvolution.js';
import { dropout } from '../../src/ops/dropout.js';
import { embedding } from '../../src/ops/embedding.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { linear } from '../../src/ops/linear.js';
import { maskPositions } from '../../src/ops/maskPositions.js';
import { momentStep } from '../../src/ops/momentStep.js';
import { recurrent } from '../../src/ops/recurrent.js';
import type { TaskName } from '../../src/runtime/builds.js';
import { valueAndGradients } from './differentiable.js';

const numbers = Float32Array.from({ length: 3_000_000 }, (_, index) => 3 * Math.sin(index * index));

/** A tensor of numbers, the same ones each time. */
export const values = (...shape: number[]) => tf.tensor(numbers.slice(0, tf.util.sizeFromShape(shape)), shape);

const matrices = () => ({ a: values(301, 270) as tf.Tensor2D, b: values(270, 130) as tf.Tensor2D });
const geluForms = [false, true];
const lengths = [90, 17, 0, 64];

const attended = () =>
  valueAndGradients(
    (q, k, v) => attention(q, k, v, { causal: true }),
    [values(1, 2, 300, 16), values(1, 2, 300, 16), values(1, 2, 300, 8)],
  );

const layerNormalized = () =>
  valueAndGradients((x, gamma, beta) => layerNormalization(x, gamma, beta), [values(900, 70), values(70), values(70)]);

const batchNormalized = () =>
  valueAndGradients(
    (x, gamma, beta) => batchNormalization(x, gamma, beta, lengths).value,
    [values(4, 90, 70), values(70), values(70)],
  );

const normalizedByColumns = () => [
  batchNormalizationInference(values(4, 90, 70), values(70), values(70), values(70), tf.abs(values(70))),
];

const averaged = () => valueAndGradients((x) => poolPositions(x, 4, lengths, 3), [values(4, 90, 33)]);

const crossEntropy = () =>
  valueAndGradients((logits) => softmaxCrossEntropy(logits, tf.softmax(values(900, 70))), [values(900, 70)]);

const embedded = () => {
  const indices = tf.tensor1d(
    Array.from({ length: 2000 }, (_, index) => (index * index) % 40),
    'int32',
  );
  return valueAndGradients((table) => embedding(indices, table), [values(40, 70)]);
};

const unrolled = () =>
  (['LSTMCell', 'GRUCell'] as const).flatMap((cell) => {
    const width = cell === 'LSTMCell' ? 20 : 15;
    const states = cell === 'LSTMCell' ? [values(40, 5), values(40, 5)] : [values(40, 5)];
    return valueAndGradients(
      (z, kernel, ...initial) => recurrent({ z, kernel, initial }, { cell, hardSigmoid: true })[0],
      [values(40, 6, width), values(5, width), ...states],
    );
  });

const convolved = () =>
  valueAndGradients(
    (x, kernel) => depthwiseConvolution(x, kernel, { lengths: [90, 17], grid: [1, 90] }),
    [values(2, 4, 90, 21), values(2, 21, 5)],
  );

const stepped = () => {
  const variable = (size: number) => tf.variable(tf.abs(values(size)));
  const slots = [5, 40_000, 130].map((size) => ({
    ...{ parameter: variable(size), gradient: values(size), first: variable(size), second: variable(size) },
    most: variable(size),
  }));
  momentStep(slots, { beta1: 0.9, beta2: 0.99, decay: 0.9, stepSize: 0.1, epsilon: 1e-8, clipNorm: 1 });
  return slots.flatMap(({ parameter, first, second, most }) =>
    [parameter, first, second, most].map((variable) => {
      const result = tf.clone(variable);
      variable.dispose();
      return result;
    }),
  );
};

const convolvedImagesBy = (stride: number) => () =>
  valueAndGradients(
    (x, filter) => tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, stride, 'same'),
    [values(3, 41, 37, 20), values(3, 3, 20, 33)],
  );

const convolvedByChannel = () =>
  [
    [70, 1],
    [3, 2],
  ].flatMap(([channels, filters]) =>
    valueAndGradients(
      (x, filter) => tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'),
      [values(3, 21, 17, channels), values(3, 3, channels, filters)],
    ),
  );

const pooledBy = (pool: typeof tf.maxPool) => () =>
  [70, 5].flatMap((channels) =>
    valueAndGradients((x) => pool(x as tf.Tensor4D, 3, 2, 'same'), [values(3, 21, 17, channels)]),
  );

export const taskProblems: Record<TaskName, () => tf.Tensor[]> = {
  packRight: () => [tf.matMul(values(130, 600), values(600, 1030))],
  product: () => [
    tf.matMul(values(301, 270), values(270, 130)),
    tf.matMul(values(270, 301), values(270, 130), true),
    tf.matMul(values(301, 270), values(130, 270), false, true),
    tf.matMul(values(3, 2000), values(2000, 1500)),
    tf.matMul(values(7, 65, 33), values(7, 33, 41)),
    tf.fused.matMul({ ...matrices(), bias: values(130), activation: 'sigmoid' }),
  ],
  attentionKeys: attended,
  attentionForward: attended,
  attentionBackward: attended,
  attentionKeysBackward: attended,
  gelu: () => geluForms.map((form) => gelu(values(100_003), form)),
  geluBackward: () =>
    geluForms.map((form) => tf.grad((x: tf.Tensor) => gelu(x, form))(values(100_003), values(100_003))),
  columnSums: () => [
    ...valueAndGradients((x, kernel, bias) => linear(x, kernel, bias), [values(90, 30), values(30, 70), values(70)]),
    tf.sum(values(9, 90, 30), 1),
  ],
  rowSums: () => [tf.sum(values(900, 301), 1), tf.mean(values(9, 90, 30), [0, 2])],
  reluBackward: () =>
    valueAndGradients((x, kernel) => linear(x, kernel, undefined, 'relu'), [values(500, 30), values(30, 70)]),
  layerNormalization: layerNormalized,
  layerNormalizationBackward: layerNormalized,
  batchMoments: batchNormalized,
  combineMoments: batchNormalized,
  columnFactors: normalizedByColumns,
  normalizeColumns: normalizedByColumns,
  batchGradients: batchNormalized,
  combineGradients: batchNormalized,
  differentiateColumns: batchNormalized,
  dropout: () => [dropout(values(100_003), 0.3, 7)],
  poolPositions: averaged,
  poolPositionsBackward: averaged,
  maskPositions: () => [maskPositions(values(4, 90, 33), lengths)],
  addPositions: () =>
    valueAndGradients((x, positions) => addPositions(x, positions, 2), [values(4, 90, 33), values(90, 33)]),
  softmaxCrossEntropy: crossEntropy,
  softmaxCrossEntropyBackward: crossEntropy,
  blend: () => [blend(values(100_003), 0.9, values(100_003), 0.1)],
  gatherRows: embedded,
  segmentSum: embedded,
  depthwiseConvolution: convolved,
  depthwiseConvolutionBackward: convolved,
  squaredNorm: stepped,
  momentStep: stepped,
  flipFilter: convolvedImagesBy(1),
  fold: convolvedImagesBy(2),
  imageConvolve: convolvedImagesBy(2),
  imageGradient: convolvedImagesBy(1),
  depthwiseConvolve: convolvedByChannel,
  depthwiseInputGradient: convolvedByChannel,
  depthwiseFilterGradient: convolvedByChannel,
  poolMaximum: pooledBy(tf.maxPool),
  poolMaximumBackward: pooledBy(tf.maxPool),
  poolMean: pooledBy(tf.avgPool),
  poolMeanBackward: pooledBy(tf.avgPool),
  clipBackward: () => valueAndGradients((x) => tf.relu(x), [values(100_003)]),
  clip: () => [tf.clipByValue(values(100_003), -0.5, 0.5)],
  recurrentForward: unrolled,
  recurrentBackward: unrolled,
  combine: () => [tf.maximum(values(300, 333), values(333)), tf.prelu(values(100_003), values(100_003))],
};
