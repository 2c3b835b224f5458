// The linear map of a layer with its bias and GELU, against tfjs's ops.

import * as tf from '@tensorflow/tfjs-core';
import { linear } from '../../src/ops/linear.js';
import { passes } from '../../src/benchmarks/attentionCalls.js';
import type { Row } from './rows.js';

type Sizes = readonly [rows: number, inner: number, units: number];
type Layer = (x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

const composed: Layer = (x, kernel, bias) => {
  const y = tf.fused.matMul({ a: x, b: kernel, bias });
  return tf.mul(tf.mul(y, 0.5), tf.add(tf.erf(tf.mul(y, Math.SQRT1_2)), 1));
};

const sizes: readonly Sizes[] = [
  [464, 512, 2048],
  [9728, 64, 256],
];

export const linearRows: readonly Row[] = passes.flatMap((pass) =>
  sizes.map(([rows, inner, units]): Row => ({
    kernel: 'linear gelu',
    pass,
    shape: `[${rows},${inner}]x[${inner},${units}]`,
    beside: 'tfjs',
    prepare() {
      const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 0.1, 'float32', seed);
      const operands = [random([rows, inner], 1), random([inner, units], 2), random([units], 3)];
      const dOut = random([rows, units], 4);
      const callOf = (layer: Layer) => {
        const gradients = tf.grads(layer);
        const forward = () => layer(operands[0], operands[1], operands[2]);
        return () => tf.dispose(tf.tidy(() => (pass === 'forward' ? forward() : gradients(operands, dOut))));
      };
      return {
        // Backward has one product for x and one for the kernel.
        flops: (pass === 'forward' ? 2 : 6) * rows * inner * units,
        ours: callOf((x, kernel, bias) => linear(x, kernel, bias, 'gelu')),
        tfjs: callOf(composed),
        dispose: () => tf.dispose([operands, dOut]),
      };
    },
  })),
);
