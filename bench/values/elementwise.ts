// Activation, normalisation, loss, dropout and the optimizer's step.

import * as tf from '@tensorflow/tfjs-core';
import { gelu } from '../../src/index.js';
import { batchNormalization } from '../../src/ops/batchNormalization.js';
import { dropout } from '../../src/ops/dropout.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { momentStep } from '../../src/ops/momentStep.js';
import { residual } from '../../src/ops/residual.js';
import { softmaxCrossEntropy } from '../../src/ops/softmaxCrossEntropy.js';
import { adamSettings, RATE } from '../kernels/elementwise.js';
import { geluTails, ranges } from './operandValues.js';
import { bothPasses, type Work } from './work.js';

const hidden = [464, 2048];
const rows = [464, 512];
const sequence = [1, 464, 512];
const channels = [512];

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
    kernel: 'batch normalization',
    shape: shapeText(sequence),
    operands: { x: { shape: sequence }, ...normalized },
    ...{ out: sequence, small: ['x'] },
    f: (x, gamma, beta) => batchNormalization(x, gamma, beta).value,
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
