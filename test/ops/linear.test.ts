import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { linear } from '../../src/ops/linear.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { activationOracles } from '../oracles/activationOracle.js';
import { expectSameBits } from '../support/threads.js';

const activations = ['linear', 'relu', 'gelu', 'geluTanh'] as const;
type Activation = (typeof activations)[number];

/** activation(x W + b) of x [T, C], W [C, U], b [U]. */
function oracle(activation: Activation, units: number, x: number[], kernel: number[], bias?: number[]): number[] {
  const inner = kernel.length / units;
  return Array.from({ length: (x.length / inner) * units }, (_, at) => {
    const [row, unit] = [Math.floor(at / units), at % units];
    let sum = bias?.[unit] ?? 0;
    for (let k = 0; k < inner; k++) sum += x[row * inner + k] * kernel[k * units + unit];
    return activationOracles[activation](sum);
  });
}

describe.each([false, true])('linear, relaxedSimd %s', (relaxedSimd) => {
  beforeAll(async () => {
    await init({ relaxedSimd });
  });

  it.each(activations)('%s: value and gradients, around whole tiles and strips', (activation) => {
    const op = (x: tf.Tensor, kernel: tf.Tensor, bias?: tf.Tensor) => linear(x, kernel, bias, activation);
    const cases: [number[], number][] = [
      [[1, 3], 5],
      [[2, 4, 7], 8],
      [[3, 5], 15],
      [[5, 4], 16],
      [[9, 3], 17],
      [[4], 3],
    ];
    for (const [shape, units] of cases) {
      const [x, kernel, bias] = [normal(shape), normal([shape.at(-1)!, units]), normal([units])];
      expectDifferentiable(op, (...values) => oracle(activation, units, values[0], values[1], values[2]), [
        x,
        kernel,
        bias,
      ]);
      expectDifferentiable(op, (...values) => oracle(activation, units, values[0], values[1]), [x, kernel]);
    }
  });
});

describe('linear', () => {
  beforeAll(() => init());

  it.each(activations)('%s equals the ops that it is made of, where there are many rows', (activation) => {
    const inputs = [normal([300, 33]), normal([33, 130]), normal([130])];
    const dY = normal([300, 130], 1);
    const activate = {
      ...{ linear: (x: tf.Tensor) => x, relu: tf.relu },
      gelu: (x: tf.Tensor) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
      geluTanh: (x: tf.Tensor) => {
        const inner = tf.mul(tf.add(x, tf.mul(tf.mul(x, tf.square(x)), 0.044715)), Math.sqrt(2 / Math.PI));
        return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
      },
    }[activation];
    const found = valueAndGradients((x, kernel, bias) => linear(x, kernel, bias, activation), inputs, dY);
    const composed = valueAndGradients((x, kernel, bias) => activate(tf.add(tf.matMul(x, kernel), bias)), inputs, dY);
    composed.forEach((expected, i) => {
      const limit = 1e-5 * Math.max(1, tf.max(tf.abs(expected)).dataSync()[0]);
      expect(tf.max(tf.abs(tf.sub(found[i], expected))).dataSync()[0]).toBeLessThan(limit);
    });
  });

  it('has gradients of zero for no rows', () => {
    const found = valueAndGradients(
      (x, kernel, bias) => linear(x, kernel, bias, 'gelu'),
      [tf.zeros([0, 3]), tf.ones([3, 2]), tf.ones([2])],
    );
    expect(found.map(({ shape }) => shape)).toEqual([[0, 2], [0, 3], [3, 2], [2]]);
    expect([...found[2].dataSync(), ...found[3].dataSync()]).toEqual(new Array(8).fill(0));
  });

  it('leaves no tensors behind', () => {
    const inputs = [normal([5, 6]), normal([6, 7]), normal([7])];
    for (const activation of activations) {
      expectNoLeaks(() => valueAndGradients((x, kernel, bias) => linear(x, kernel, bias, activation), inputs));
    }
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() =>
      activations.flatMap((activation) =>
        valueAndGradients(
          (x, kernel, bias) => linear(x, kernel, bias, activation),
          [normal([500, 60]), normal([60, 300]), normal([300])],
        ),
      ),
    ));

  it.each<[string, () => unknown]>([
    ['x was int32; it must be float32', () => linear(tf.ones([2, 3], 'int32'), tf.ones([3, 4]))],
    ['kernel was [3]; it must be [C, U]', () => linear(tf.ones([2, 3]), tf.ones([3]))],
    ['x was [2, 3]; it must be [..., 4]', () => linear(tf.ones([2, 3]), tf.ones([4, 3]))],
    ['bias was [3]; it must be [4]', () => linear(tf.ones([2, 3]), tf.ones([3, 4]), tf.ones([3]))],
    ["activation was 'tanh'", () => linear(tf.ones([2, 3]), tf.ones([3, 4]), undefined, 'tanh' as 'relu')],
  ])('names a wrong argument: %s', (message, use) => {
    expect(() => tf.tidy(() => void use())).toThrow(`linear: ${message}`);
  });
});
