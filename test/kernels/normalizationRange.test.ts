/** Normalisations of numbers of any size: right, and never subnormal. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormalization, batchNormalizationInference } from '../../src/ops/batchNormalization.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { rmsNormalization } from '../../src/ops/rmsNormalization.js';
import { builds, initBuild } from '../support/builds.js';
import { valueAndGradients } from '../support/differentiable.js';
import { logUniform, subnormals } from '../support/logUniform.js';
import { maxError } from '../support/maxError.js';
import { normal } from '../support/normal.js';

const shape = [3, 7, 37];

type Op = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon?: number) => tf.Tensor;

const ops: Record<string, Op> = {
  layer: (x, gamma, beta, epsilon) => layerNormalization(x, gamma, beta, epsilon),
  rms: (x, gamma, _, epsilon) => rmsNormalization(x, { gamma, epsilon }),
  batch: (x, gamma, beta, epsilon) => batchNormalization(x, gamma, beta, [7, 5, 2], epsilon).value,
};

/** In float64, of rows for layers and of columns for batches. */
function normalized(name: string, x: tf.Tensor, epsilon: number): number[] {
  const values = [...x.dataSync()];
  const groupOf = (i: number) => (name === 'batch' ? i % 37 : Math.floor(i / 37));
  const valid = (i: number) => name !== 'batch' || Math.floor(i / 37) % 7 < [7, 5, 2][Math.floor(i / 259)];
  return values.map((value, i) => {
    const group = values.filter((_, j) => groupOf(j) === groupOf(i) && valid(j));
    const mean = name === 'rms' ? 0 : group.reduce((sum, y) => sum + y, 0) / group.length;
    const variance = group.reduce((sum, y) => sum + (y - mean) ** 2, 0) / group.length;
    return (value - mean) / Math.sqrt(variance + epsilon);
  });
}

describe.each(builds)('normalisations of numbers of any size, %s', (build) => {
  beforeAll(() => initBuild(build));

  describe.each(Object.keys(ops))('%s', (name) => {
    const [gamma, beta] = [() => tf.ones([37]), () => tf.zeros([37])];

    it.each([1e-34, 1e-25, 1e-10, 2e19, 1e37])('at scale %f', (scale) => {
      const x = tf.mul(normal(shape, 1), scale);
      for (const epsilon of [1e-5, 0]) {
        const expected = normalized(name, x, epsilon);
        const most = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const found = ops[name](x, gamma(), beta(), epsilon).dataSync();
        expected.forEach((value, i) => expect(Math.abs(found[i] - value) / most).toBeLessThan(1e-5));
      }
    });

    // Powers of two change no digit.
    it.each([
      [2 ** 64, 1],
      [2 ** 100, 1],
      [2 ** 106, 1],
      [2 ** -70, 1],
      [1, 2 ** -100],
      [1, 2 ** -106],
      [2 ** 50, 2 ** -50],
    ])('x times %d and gamma times %d: value and gradients are those of x and gamma, times powers of two', (xs, gs) => {
      const x = normal(shape, 1),
        dY = normal(shape, 2);
      const f = (x: tf.Tensor, gamma: tf.Tensor) => ops[name](x, gamma, beta(), 0);
      const [value, dX, dGamma] = valueAndGradients(f, [x, gamma()], dY);
      const found = valueAndGradients(f, [tf.mul(x, xs), tf.mul(gamma(), gs)], dY);
      [tf.mul(value, gs), tf.mul(dX, gs / xs), dGamma].forEach((expected, i) => {
        const size = tf.max(tf.abs(expected)).dataSync()[0];
        expect(maxError(found[i].dataSync(), expected.dataSync()) / size).toBeLessThan(2e-6);
      });
    });

    it('has no subnormal results', () => {
      for (const [x, dY, factor] of [
        [logUniform(shape, 1), logUniform(shape, 2), logUniform([37], 3)],
        [tf.mul(normal(shape, 1), 1e-37), tf.mul(normal(shape, 2), 1e-37), tf.ones([37])],
        [normal(shape, 1), tf.mul(normal(shape, 2), 1e-37), tf.ones([37])],
        [tf.mul(normal(shape, 1), 1e-39), normal(shape, 2), tf.ones([37])],
      ]) {
        const f = (x: tf.Tensor, gamma: tf.Tensor, beta = logUniform([37], 4)) => ops[name](x, gamma, beta);
        const inputs = [x, factor, ...(name === 'rms' ? [] : [logUniform([37], 4)])];
        valueAndGradients(f, inputs, dY).forEach((result, i) =>
          expect(subnormals([result]), `result ${i}`).toEqual([]),
        );
      }
    });

    it('gradients that are tiny everywhere are those of larger ones, smaller', () => {
      const x = normal(shape, 1),
        dY = normal(shape, 2),
        tiny = 2 ** -90;
      const f = (x: tf.Tensor, gamma: tf.Tensor) => ops[name](x, gamma, beta());
      const large = valueAndGradients(f, [x, gamma()], dY),
        small = valueAndGradients(f, [x, gamma()], tf.mul(dY, tiny));
      large.slice(1).forEach((gradient, i) => {
        const found = small[i + 1].dataSync();
        gradient.dataSync().forEach((value, j) => expect(Math.abs(found[j] / tiny - value)).toBeLessThan(2e-5));
      });
    });
  });

  it('inference has no subnormal results', () => {
    const [mean, variance] = [tf.zeros([37]), tf.ones([37])];
    for (const x of [logUniform(shape, 1), tf.mul(normal(shape, 1), 1e-37)]) {
      const y = batchNormalizationInference(x, logUniform([37], 2), logUniform([37], 3), mean, variance);
      expect(subnormals([y])).toEqual([]);
    }
  });
});
