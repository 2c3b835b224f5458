// Kernels that memory bounds: what one call must read and write, over the time it takes. To add one, write a `Work`.

import * as tf from '@tensorflow/tfjs-core';
import { gelu } from '../../src/index.js';
import type { Pass, Row } from './rows.js';

/** A kernel on one tensor x [T, C]. */
interface Work {
  kernel: string;
  pass: Pass;
  /** Tensors of x's size that a call must read or write, each counted as often as a kernel needs it. */
  tensors: number;
  ours: (x: tf.Tensor2D, dOut: tf.Tensor2D) => tf.TensorContainer;
  tfjs?: (x: tf.Tensor2D, dOut: tf.Tensor2D) => tf.TensorContainer;
}

const composedGelu = (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

const works: readonly Work[] = [
  { kernel: 'gelu', pass: 'forward', tensors: 2, ours: (x) => gelu(x), tfjs: composedGelu },
  {
    // Forward reads x and writes the output; backward reads x and dOut and writes dx.
    kernel: 'gelu',
    pass: 'forward+backward',
    tensors: 5,
    ours: (x, dOut) => tf.grad((x) => gelu(x))(x, dOut),
    tfjs: (x, dOut) => tf.grad(composedGelu)(x, dOut),
  },
];

const shapes: readonly [rows: number, columns: number][] = [
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
      const [x, dOut] = [1, 2].map((seed) => tf.randomNormal<tf.Rank.R2>([rows, columns], 0, 1, 'float32', seed));
      const call = (work: Work['ours']) => () => tf.dispose(tf.tidy(() => work(x, dOut)));
      return {
        bytes: tensors * 4 * rows * columns,
        ours: call(ours),
        tfjs: tfjs && call(tfjs),
        dispose: () => tf.dispose([x, dOut]),
      };
    },
  })),
);
