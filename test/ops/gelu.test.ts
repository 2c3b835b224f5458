import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { gelu, init } from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { activationOracles, distribution } from '../oracles/activationOracle.js';

const { gelu: exact, geluTanh: tanhForm } = activationOracles;
const exactSlope = (x: number) => distribution(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
const inner = (x: number) => Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
const tanhSlope = (x: number) =>
  0.5 * (1 + inner(x)) + (x / 2) * (1 - inner(x) ** 2) * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);

const points = Float32Array.from({ length: 4003 }, (_, i) => (i - 2001) / 200);

describe.each([false, true])('relaxedSimd %s', (relaxedSimd) => {
  beforeAll(async () => {
    await init({ relaxedSimd });
  });

  it.each([
    ['exact', false, exact, exactSlope],
    ['tanh', true, tanhForm, tanhSlope],
  ] as const)('%s form and its gradient', (_, approximate, value, slope) => {
    const [y, dx] = tf.tidy(() => {
      const x = tf.tensor1d(points);
      const dy = tf.fill([points.length], 3);
      return [gelu(x, approximate), tf.grad((x) => gelu(x, approximate))(x, dy)].map((t) => t.dataSync());
    });
    expect(maxError(y, Array.from(points, value))).toBeLessThan(1e-6);
    expect(
      maxError(
        dx,
        Array.from(points, (x) => 3 * slope(x)),
      ),
    ).toBeLessThan(3e-6);
  });

  it('keeps the digits of the lower tail, and what is not a number', () => {
    const [tail, ...others] = tf.tidy(() => gelu(tf.tensor1d([-5, NaN, 0, 30, -30])).dataSync());
    expect(Math.abs(tail / exact(-5) - 1)).toBeLessThan(1e-5);
    expect(others[0]).toBeNaN();
    expect(others[1]).toBe(0);
    expect(others[2]).toBe(30);
    expect(Math.abs(others[3])).toBeLessThan(1e-30);
  });
});

it('names a wrong argument', () => {
  expect(() => gelu(tf.tensor1d([1], 'int32'))).toThrow('gelu: x was int32; it must be float32');
});
