import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { dropout } from '../../src/ops/dropout.js';
import { residual } from '../../src/ops/residual.js';
import { expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { expectSameBits } from '../support/threads.js';

beforeAll(() => init());

/** MurmurHash3's 32-bit finaliser. */
function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** What element `index` is multiplied by; dropped ones are 0 whatever they were. */
function factorOracle(rate: number, seed: number, index: number): number {
  const place = mix(seed + 0x9e3779b9) + Math.imul(index, mix(seed + 0x3c6ef372) | 1);
  return (mix(place) + 2 ** 31) % 2 ** 32 < Math.floor(2 ** 32 * rate) ? 0 : Math.fround(1 / (1 - rate));
}

const masks = (size: number, rate: number, seed: number) => [...dropout(tf.ones([size]), rate, seed).dataSync()];

describe('dropout', () => {
  it.each([1, 3, 4, 5, 16383, 16384, 16389, 40003])('of %i elements is the hash of seed and index', (size) => {
    for (const [rate, seed] of [
      [0.1, 0],
      [0.5, 123],
      [0.9, -7],
    ]) {
      const x = normal([size]);
      const expected = x.dataSync().map((value, i) => value * factorOracle(rate, seed, i) || 0);
      expect(dropout(x, rate, seed).dataSync()).toEqual(expected);
    }
  });

  it('drops in the same places for the same seed modulo 2^32 only, and unrelated ones for others', () => {
    expect(masks(100, 0.5, 5)).toEqual(masks(100, 0.5, 5 + 2 ** 32));
    const dropped = Array.from({ length: 20 }, (_, seed) => masks(10_000, 0.5, seed).map((factor) => factor === 0));
    for (let a = 0; a < 20; a++) {
      for (let b = 0; b < a; b++) {
        const together = dropped[a].filter((value, i) => value === dropped[b][i]).length;
        // 5,000 expected, with a standard deviation of 50.
        expect(Math.abs(together - 5000)).toBeLessThan(250);
      }
    }
  });

  it('drops neighbours independently', () => {
    const dropped = masks(100_000, 0.5, 3).map((factor) => factor === 0);
    for (const distance of [1, 2, 4, 64, 16384]) {
      const pairs = dropped.slice(distance).filter((value, i) => value === dropped[i]).length;
      // Half of them, with a standard deviation of at most 158.
      expect(Math.abs(pairs - (100_000 - distance) / 2)).toBeLessThan(800);
    }
  });

  it.each([64, 67])('drops what is not finite too, and keeps it where it is kept, %i elements', (size) => {
    const kept = masks(size, 0.5, 1).map((factor) => factor !== 0);
    const y = [...dropout(tf.fill([size], NaN), 0.5, 1).dataSync()];
    expect(y.map(Number.isNaN)).toEqual(kept);
    expect(y.filter((value) => value === 0).length).toBe(kept.filter((value) => !value).length);
  });

  it('leaves no tensors behind', () => {
    const x = normal([50]);
    expectNoLeaks(() => valueAndGradients((x) => dropout(x, 0.3, 1), [x]));
    expectNoLeaks(() => valueAndGradients((x) => dropout(x, 0, 1), [x]));
  });

  it('gives the same bits on any number of threads', () => expectSameBits(() => [dropout(normal([100_003]), 0.3, 1)]));

  it.each<[string, () => unknown]>([
    ['x was int32; it must be float32', () => dropout(tf.ones([2], 'int32'), 0.1, 1)],
    ['rate was 1; it must be 0 or more and below 1', () => dropout(tf.ones([2]), 1, 1)],
    ['seed was 0.5; it must be an integer', () => dropout(tf.ones([2]), 0.1, 0.5)],
  ])('names a wrong argument: %s', (message, use) => {
    expect(() => tf.tidy(() => void use())).toThrow(`dropout: ${message}`);
  });
});

describe('residual', () => {
  it.each([0, 0.4])('adds the branch after dropout at %s, and gives both their gradients', (rate) => {
    for (const size of [1, 5, 64, 20_001]) {
      const [x, branch, dY] = [normal([size], 1), normal([size], 2), normal([size], 3)];
      const [z, dx, dBranch] = valueAndGradients((x, branch) => residual(x, branch, rate, 6), [x, branch], dY);
      const dropped = dropout(branch, rate, 6);
      expect(tf.max(tf.abs(tf.sub(z, tf.add(x, dropped)))).dataSync()[0]).toBeLessThan(1e-6);
      expect(dx.dataSync()).toEqual(dY.dataSync());
      expect(dBranch.dataSync()).toEqual(dropout(dY, rate, 6).dataSync());
    }
  });

  it('adds up where x has another use, or is the branch too', () => {
    const x = normal([10]);
    const dY = normal([10], 1);
    const [, both] = valueAndGradients((x) => tf.mul(residual(x, tf.square(x)), x), [x], dY);
    const expected = tf.mul(dY, tf.add(tf.mul(2, x), tf.mul(3, tf.square(x))));
    expect(tf.max(tf.abs(tf.sub(both, expected))).dataSync()[0]).toBeLessThan(1e-5);
    const [, twice] = valueAndGradients((x) => residual(x, x), [x], dY);
    expect(twice.dataSync()).toEqual(tf.mul(2, dY).dataSync());
  });

  it('leaves no tensors behind', () => {
    const tensors = [normal([50]), normal([50], 1)];
    expectNoLeaks(() => valueAndGradients((x, branch) => residual(x, branch, 0.3, 1), tensors));
    expectNoLeaks(() => valueAndGradients((x, branch) => residual(x, branch), tensors));
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => [residual(normal([100_003]), normal([100_003], 1), 0.3, 1)]));

  it('names a wrong argument', () => {
    expect(() => residual(tf.ones([2, 3]), tf.ones([3, 2]))).toThrow('residual: branch was [3, 2]; it must be [2, 3]');
    expect(() => residual(tf.ones([2]), tf.ones([2]), -1)).toThrow('residual: rate was -1');
  });
});
