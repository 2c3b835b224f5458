import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { blend } from '../../src/ops/blend.js';
import { maxError } from '../support/attention.js';
import { expectNoLeaks } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { expectSameBits } from '../support/threads.js';

beforeAll(() => init());

describe('blend', () => {
  it.each([0, 1, 4, 7, 16385])('of %i numbers is their weighted sum', (size) => {
    const [x, y] = [normal([size], 1), normal([size], 2)];
    const values = y.dataSync();
    const expected = Array.from(x.dataSync(), (value, i) => 0.9 * value + 0.1 * values[i]);
    expect(maxError(blend(x, 0.9, y, 0.1).dataSync(), expected)).toBeLessThan(1e-6);
    expectNoLeaks(() => [blend(x, 2, y, 3)]);
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => [blend(normal([50_001], 1), 0.9, normal([50_001], 2), 0.1)]));

  it('names a wrong argument', () => {
    expect(() => blend(tf.ones([2]), 1, tf.ones([3]), 1)).toThrow('blend: y was [3]; it must be [2]');
    expect(() => blend(tf.ones([2]), NaN, tf.ones([2]), 1)).toThrow('blend: a was NaN; it must be finite');
  });
});
