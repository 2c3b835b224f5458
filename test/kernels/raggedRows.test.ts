/** The last columns of rows whose length is not a multiple of four: they round as the others do, in every build. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { gelu } from '../../src/index.js';
import { addPositions } from '../../src/ops/addPositions.js';
import { batchNormalization, batchNormalizationInference } from '../../src/ops/batchNormalization.js';
import { blend } from '../../src/ops/blend.js';
import { depthwiseConvolution } from '../../src/ops/depthwiseConvolution.js';
import { dropout } from '../../src/ops/dropout.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { linear } from '../../src/ops/linear.js';
import { momentStep } from '../../src/ops/momentStep.js';
import { poolPositions } from '../../src/ops/poolPositions.js';
import { residual } from '../../src/ops/residual.js';
import { builds, initBuild } from '../support/builds.js';
import { valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';

type Op = (...inputs: tf.Tensor[]) => tf.Tensor[];

/** The last `count` columns before the others, among which they then are in whole vectors. */
function rotate(x: tf.Tensor, count: number): tf.Tensor {
  const size = x.shape[x.rank - 1] - count;
  const [first, last] = tf.split(x, [size, count], x.rank - 1);
  return tf.concat([last, first], x.rank - 1);
}

const bits = (tensors: tf.Tensor[]) => tensors.map((tensor) => new Uint32Array(tensor.dataSync().slice().buffer));

/** That columns which change places keep their results: `op` works column by column. */
function expectColumnsAlike(op: Op, inputs: tf.Tensor[]): void {
  const width = inputs[0].shape[inputs[0].rank - 1];
  const rotated = op(...inputs).map((result) => rotate(result, width % 4));
  const results = op(...inputs.map((input) => rotate(input, width % 4)));
  expect(bits(results)).toEqual(bits(rotated));
}

/** One row of integers with mean 0 and variance 4, whose sums are exact in any order. */
function exactRow(width: number): number[] {
  const last = width % 2 === 1 ? [1, -1, 0, 3, -3] : [1, -2, 1, 0, 3, -3];
  return [...Array.from({ length: width - last.length }, (_, i) => (i % 2 === 0 ? 2 : -2)), ...last];
}

const integers = (shape: number[], seed: number) => tf.round(tf.mul(3, normal(shape, seed)));

describe.each(builds)('the last columns, %s', (build) => {
  beforeAll(() => initBuild(build));

  describe.each([5, 6, 7, 33, 34, 35])('of %i', (width) => {
    const row = (seed: number) => normal([width], seed);
    const matrix = (seed: number) => normal([3, width], seed);
    const series = (seed: number) => normal([2, 9, width], seed);

    it('layer normalization, and the gradients of gamma and beta', () => {
      const x = tf.tensor([exactRow(width), exactRow(width)]);
      const dY = normal([2, width], 3);
      const op: Op = (x, gamma, beta, dY) => {
        const [y, , dGamma, dBeta] = valueAndGradients(
          (x, gamma, beta) => layerNormalization(x, gamma, beta),
          [x, gamma, beta],
          dY,
        );
        return [y, dGamma, dBeta];
      };
      expectColumnsAlike(op, [x, row(1), row(2), dY]);
    });

    it('the gradient of layer normalization', () => {
      // So small an epsilon makes the scale 1/2, and all sums exact.
      const op: Op = (x, gamma, dY) => [
        tf.grad((x: tf.Tensor) => layerNormalization(x, gamma, tf.zeros([width]), 1e-12))(x, dY),
      ];
      expectColumnsAlike(op, [tf.tensor([exactRow(width)]), integers([width], 1), integers([1, width], 2)]);
    });

    it('batch normalization and its gradients', () => {
      const op: Op = (x, gamma, beta, dY) =>
        valueAndGradients((x, gamma, beta) => batchNormalization(x, gamma, beta, [9, 4]).value, [x, gamma, beta], dY);
      expectColumnsAlike(op, [series(1), row(2), row(3), series(4)]);
    });

    it('batch normalization with statistics that are given', () => {
      const op: Op = (...[x, gamma, beta, mean, variance]) => [
        batchNormalizationInference(x, gamma, beta, mean, tf.abs(variance)),
      ];
      expectColumnsAlike(op, [series(1), row(2), row(3), row(4), row(5)]);
    });

    it('positions', () =>
      expectColumnsAlike(
        (x, positions) => [addPositions(x, positions, 0.7)],
        [normal([2, 1, width], 1), normal([1, width], 2)],
      ));

    it('averages over positions, and their gradient', () =>
      expectColumnsAlike(
        (x, dY) => valueAndGradients((x) => poolPositions(x, 3, [9, 4]), [x], dY),
        [series(1), normal([2, 3, width], 2)],
      ));

    it('convolutions', () => {
      const attributes = { lengths: [9, 9], grid: [1, 9] as [number, number] };
      const op: Op = (x, taps) => {
        const kernel = tf.reshape(tf.transpose(taps), [1, width, 3]);
        return [depthwiseConvolution(tf.reshape(x, [2, 1, 9, width]), kernel, attributes)];
      };
      expectColumnsAlike(op, [series(1), matrix(2)]);
    });

    it('products of few rows', () =>
      expectColumnsAlike((b) => [tf.matMul(normal([3, 7]), b)], [normal([7, width], 1)]));

    it.each(['elu', 'sigmoid', 'prelu'] as const)('products with %s', (activation) => {
      const op: Op = (b, bias, slopes) => [
        tf.fused.matMul({
          ...{ a: normal([9, 7]), b: b, bias, activation },
          preluActivationWeights: activation === 'prelu' ? slopes : undefined,
        }),
      ];
      expectColumnsAlike(op, [normal([7, width], 1), row(2), row(3)]);
    });

    it('the gradient of ReLU', () =>
      expectColumnsAlike(
        (kernel, dY) => [tf.grad((kernel: tf.Tensor) => linear(tf.eye(3), kernel, undefined, 'relu'))(kernel, dY)],
        [matrix(1), matrix(2)],
      ));

    it.each([false, true])('GELU and its gradient, approximate %s', (approximate) =>
      expectColumnsAlike((x, dY) => valueAndGradients((x) => gelu(x, approximate), [x], dY), [row(1), row(2)]),
    );

    it('weighted sums', () => expectColumnsAlike((x, y) => [blend(x, 0.9, y, 0.1)], [row(1), row(2)]));

    it('steps of an optimizer', () => {
      const op: Op = (...[parameter, gradient, first, second]) => {
        const variables = [parameter, first, tf.abs(second)].map((tensor) => tf.variable(tensor));
        const slot = { parameter: variables[0], gradient, first: variables[1], second: variables[2] };
        momentStep([slot], { beta1: 0.9, beta2: 0.99, decay: 0.9, stepSize: 0.1, epsilon: 1e-8 });
        return variables;
      };
      expectColumnsAlike(op, [row(1), row(2), row(3), row(4)]);
    });

    it('dropout, alone and in a residual sum', () => {
      // Which numbers are dropped depends on their places, so more columns follow instead.
      const op: Op = (x, base) => [dropout(x, 0.3, 7), residual(base, x, 0.3, 7)];
      const inputs = [row(1), row(2)];
      const longer = op(...inputs.map((input) => tf.pad(input, [[0, 4 - (width % 4)]])));
      expect(bits(op(...inputs))).toEqual(bits(longer.map((result) => tf.slice(result, 0, width))));
    });
  });
});
