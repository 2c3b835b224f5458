// Kernels that memory bounds: what one call must read and write, over the time it takes. To add one, write a `Work`.

import * as tf from '@tensorflow/tfjs-core';
import { gelu } from '../../src/index.js';
import { batchNormalization } from '../../src/ops/batchNormalization.js';
import { dropout } from '../../src/ops/dropout.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { momentStep } from '../../src/ops/momentStep.js';
import { residual } from '../../src/ops/residual.js';
import type { Pass, Row } from './rows.js';

/** Tensors for all works, of T rows and C columns. */
interface Operands {
  /** [1, T, C], as are branch, dOut, parameter and moments. */
  x: tf.Tensor3D;
  branch: tf.Tensor3D;
  dOut: tf.Tensor3D;
  /** [C] */
  gamma: tf.Tensor1D;
  beta: tf.Tensor1D;
  parameter: tf.Variable;
  first: tf.Variable;
  second: tf.Variable;
}

/** A call, which gives what is to be disposed. */
type Call = () => tf.TensorContainer;

interface Work {
  kernel: string;
  pass: Pass;
  /** Tensors of x's size that a call must read or write, each as often as it cannot be kept in registers. */
  tensors: number;
  ours: (operands: Operands) => Call;
  tfjs?: (operands: Operands) => Call;
}

/** A function of x, and of gamma and beta where it has them. */
type Mapping = (x: tf.Tensor3D, gamma: tf.Tensor1D, beta: tf.Tensor1D) => tf.Tensor;

/** Forward, and forward with the gradients of all that `f` takes; `tensors` in both passes. */
function differentiable(kernel: string, tensors: [number, number], ours: Mapping, tfjs?: Mapping): Work[] {
  const forward =
    (f: Mapping) =>
    ({ x, gamma, beta }: Operands): Call =>
    () =>
      f(x, gamma, beta);
  const both =
    (f: Mapping) =>
    ({ x, gamma, beta, dOut }: Operands): Call => {
      // The result must depend on every operand.
      const operands = [x, gamma, beta].slice(0, f.length);
      const gradients = tf.grads((...taken: tf.Tensor[]) => f(...(taken as Parameters<Mapping>)));
      return () => gradients(operands, dOut);
    };
  return [
    { kernel, pass: 'forward', tensors: tensors[0], ours: forward(ours), tfjs: tfjs && forward(tfjs) },
    { kernel, pass: 'forward+backward', tensors: tensors[1], ours: both(ours), tfjs: tfjs && both(tfjs) },
  ];
}

function composedNormalization(axes: number[], keep: boolean): Mapping {
  return (x, gamma, beta) => {
    const { mean, variance } = tf.moments(x, axes, keep);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gamma), beta);
  };
}

/** Of dropout. */
export const RATE = 0.1;
export const adamSettings = { beta1: 0.9, beta2: 0.999, decay: 0.99999, stepSize: 1e-3, epsilon: 1e-8 };

const works: readonly Work[] = [
  // Forward reads x and writes the output; backward reads x and dOut and writes dx.
  ...differentiable(
    'gelu',
    [2, 5],
    (x) => gelu(x),
    (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  ),
  ...differentiable('layer normalization', [2, 5], layerNormalization, composedNormalization([2], true)),
  // Statistics need all of x before its first output, and sums all of x and dOut before the first gradient.
  ...differentiable(
    'batch normalization',
    [3, 8],
    (x, gamma, beta) => batchNormalization(x, gamma, beta).value,
    composedNormalization([0, 1], false),
  ),
  {
    kernel: 'dropout',
    pass: 'forward',
    tensors: 2,
    ours:
      ({ x }) =>
      () =>
        dropout(x, RATE, 1),
    tfjs:
      ({ x }) =>
      () =>
        tf.dropout(x, RATE),
  },
  {
    kernel: 'residual',
    pass: 'forward',
    tensors: 3,
    ours:
      ({ x, branch }) =>
      () =>
        residual(x, branch),
    tfjs:
      ({ x, branch }) =>
      () =>
        tf.add(x, branch),
  },
  {
    // Reads parameter, gradient and both moments, writes all but the gradient.
    kernel: 'AdamW',
    pass: 'step',
    tensors: 7,
    ours: ({ parameter, dOut, first, second }) => {
      const slots = [{ parameter, gradient: dOut, first, second }];
      return () => void momentStep(slots, adamSettings);
    },
    tfjs: ({ parameter, dOut }) => {
      const adam = tf.train.adam(adamSettings.stepSize);
      return () => {
        parameter.assign(tf.mul(parameter, adamSettings.decay));
        adam.applyGradients([{ name: parameter.name, tensor: dOut }]);
      };
    },
  },
];

function operandsOf(rows: number, columns: number): Operands {
  const [x, branch, dOut] = [1, 2, 3].map((seed) =>
    tf.randomNormal<tf.Rank.R3>([1, rows, columns], 0, 1, 'float32', seed),
  );
  const variable = () => tf.tidy(() => tf.variable(tf.zeros([1, rows, columns])));
  const moments = { parameter: variable(), first: variable(), second: variable() };
  return { x, branch, dOut, gamma: tf.ones([columns]), beta: tf.zeros([columns]), ...moments };
}

const shapes: readonly [rows: number, columns: number][] = [
  [464, 512],
  [464, 2048],
  [9728, 256],
];

export const elementwiseRows: readonly Row[] = works.flatMap(({ kernel, pass, tensors, ours, tfjs }) =>
  shapes.map(([rows, columns]): Row => ({
    kernel,
    pass,
    shape: `[${rows},${columns}]`,
    beside: tfjs && 'tfjs',
    prepare() {
      const operands = operandsOf(rows, columns);
      const disposing = (call: Call) => () => tf.dispose(tf.tidy(call));
      return {
        bytes: tensors * 4 * rows * columns,
        ours: disposing(ours(operands)),
        tfjs: tfjs && disposing(tfjs(operands)),
        dispose: () => tf.dispose({ ...operands }),
      };
    },
  })),
);
