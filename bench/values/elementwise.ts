// Activation, normalisation, loss, dropout and the optimizer's step.

import * as tf from '@tensorflow/tfjs-core';
import { gelu, rmsNormalization } from '../../src/index.js';
import { batchNormalization } from '../../src/ops/batchNormalization.js';
import { depthwiseConvolution } from '../../src/ops/depthwiseConvolution.js';
import { dropout } from '../../src/ops/dropout.js';
import { embedding } from '../../src/ops/embedding.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { momentStep } from '../../src/ops/momentStep.js';
import { recurrent } from '../../src/ops/recurrent.js';
import { residual } from '../../src/ops/residual.js';
import { softmaxCrossEntropy } from '../../src/ops/softmaxCrossEntropy.js';
import { adamSettings, RATE } from '../kernels/elementwise.js';
import { geluTails, ranges } from './operandValues.js';
import { bothPasses, type Work } from './work.js';

const hidden = [464, 2048];
const rows = [464, 512];
const sequence = [1, 464, 512];
const channels = [512];

const heads = [1, 8, 512, 64];
const states = { hidden: { shape: [32, 128] }, cell: { shape: [32, 128] } };
const indices = Array.from({ length: 464 }, (_, i) => (i * i) % 1000);

const shapeText = (shape: readonly number[]) => `[${shape.join()}]`;
const normalized = { gamma: { shape: channels }, beta: { shape: channels } };

/** Labels are constants: only the logits have a gradient. */
function crossEntropy(shape: readonly number[], withGradient: boolean): Work {
  const logits = { shape };
  const labels = { shape, positive: true, factor: 1 / shape[1] };
  const loss = (logits: tf.Tensor, labels: tf.Tensor) => softmaxCrossEntropy(logits, labels);
  const work = { kernel: 'softmax cross-entropy', shape: shapeText(shape), also: ranges('logits') };
  if (!withGradient) {
    return {
      ...{ ...work, pass: 'forward', operands: { logits, labels }, small: ['logits'] },
      run: ({ logits, labels }) => loss(logits, labels),
    };
  }
  return {
    ...{ ...work, pass: 'forward+backward', operands: { logits, labels, dOut: { shape: [] } }, small: ['dOut'] },
    run: ({ logits, labels, dOut }) => tf.grad((x) => loss(x, labels))(logits, dOut),
  };
}

export const elementwiseWorks: readonly Work[] = [
  ...[false, true].flatMap((approximate) =>
    bothPasses({
      ...{ kernel: approximate ? 'gelu tanh' : 'gelu', shape: shapeText(hidden), operands: { x: { shape: hidden } } },
      ...{ out: hidden, small: ['x'], also: [geluTails('x')] },
      f: (x) => gelu(x, approximate),
    }),
  ),
  ...bothPasses({
    ...{ kernel: 'layer normalization', shape: shapeText(rows), operands: { x: { shape: rows }, ...normalized } },
    ...{ out: rows, small: ['x'] },
    f: (x, gamma, beta) => layerNormalization(x, gamma, beta),
  }),
  ...bothPasses({
    ...{
      kernel: 'rms normalization',
      shape: shapeText(rows),
      operands: { x: { shape: rows }, gamma: normalized.gamma },
    },
    ...{ out: rows, small: ['x'] },
    f: (x, gamma) => rmsNormalization(x, { gamma }),
  }),
  ...bothPasses({
    kernel: 'batch normalization',
    shape: shapeText(sequence),
    operands: { x: { shape: sequence }, ...normalized },
    ...{ out: sequence, small: ['x'] },
    f: (x, gamma, beta) => batchNormalization(x, gamma, beta).value,
  }),
  ...bothPasses({
    kernel: 'convolution',
    shape: '1x8x512x64, 5 taps',
    operands: { x: { shape: heads }, kernel: { shape: [8, 64, 5] } },
    ...{ out: heads, small: ['x'] },
    f: (x, kernel) => depthwiseConvolution(x, kernel, { lengths: [512], grid: [1, 512] }),
  }),
  ...bothPasses({
    kernel: 'embedding',
    shape: `${indices.length} of [1000,512]`,
    operands: { table: { shape: [1000, 512] } },
    ...{ out: [indices.length, 512], small: ['table'] },
    f: (table) => embedding(tf.tensor1d(indices, 'int32'), table),
  }),
  ...bothPasses({
    kernel: 'LSTM',
    shape: '32x20x128',
    operands: { z: { shape: [32, 20, 512] }, kernel: { shape: [128, 512], factor: 1 / Math.sqrt(128) }, ...states },
    ...{ out: [32, 20, 128], small: ['z'] },
    f: (z, kernel, ...initial) => recurrent({ z, kernel, initial }, { cell: 'LSTMCell', hardSigmoid: false })[0],
  }),
  ...[false, true].map((withGradient) => crossEntropy(rows, withGradient)),
  ...bothPasses({
    ...{ kernel: 'dropout', shape: shapeText(rows), operands: { x: { shape: rows } }, out: rows, small: ['x'] },
    f: (x) => dropout(x, RATE, 1),
  }),
  ...bothPasses({
    ...{ kernel: 'residual', shape: shapeText(rows), operands: { x: { shape: rows }, branch: { shape: rows } } },
    ...{ out: rows, small: ['x', 'branch'] },
    f: (x, branch) => residual(x, branch, RATE, 1),
  }),
  {
    kernel: 'AdamW',
    pass: 'step',
    shape: shapeText(hidden),
    operands: {
      ...{ parameter: { shape: hidden }, gradient: { shape: hidden }, first: { shape: hidden } },
      second: { shape: hidden, positive: true },
    },
    small: ['gradient', 'first', 'second'],
    run: ({ parameter, gradient, first, second }) =>
      void momentStep([{ parameter, gradient, first, second }], adamSettings),
  },
];
