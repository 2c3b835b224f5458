import { describe, expect, it } from 'vitest';
import { featureMaps } from '../../src/primal/featureMaps.js';
import { KernelMatrix } from '../../src/primal/kernelMatrix.js';
import { random } from '../support/random.js';
import { rowsOf } from '../oracles/matrix.js';
import { kernelMatrix, normaliser } from '../oracles/regressionOracle.js';

describe.each(['softmax', 'linear'] as const)('%s', (kernel) => {
  const keys = rowsOf(random('keys').normals(60), 5);
  const make = (scale: number | 'auto', rows = keys, cacheBytes?: number) =>
    new KernelMatrix(rows.flat(), rows[0].length, featureMaps[kernel], scale, cacheBytes);

  it('is Phi(k_i).Phi(k_j) / (h(k_i) h(k_j)) times kernelScale', () => {
    const expected = kernelMatrix(keys, { kernel, kernelScale: 30, C: 1, epsilon: 0 });
    const matrix = make(30);
    keys.forEach((key, i) => {
      expected[i].forEach((value, j) => expect(matrix.row(i)[j] / value).toBeCloseTo(1, 12));
      expect(matrix.diagonal[i] / expected[i][i]).toBeCloseTo(1, 12);
      expect(matrix.valueFactor(i) / (30 / normaliser(kernel, key, keys))).toBeCloseTo(1, 12);
    });
  });

  it("has a diagonal of mean 1 with 'auto'", () => {
    const { diagonal } = make('auto');
    expect(diagonal.reduce((sum, value) => sum + value) / keys.length).toBeCloseTo(1, 12);
  });

  it('keeps as many rows as there is memory for, two at least', () => {
    const expected = keys.map((_, i) => Float64Array.from(make(1).row(i)));
    for (const kept of [0, 2, 3]) {
      const matrix = make(1, keys, kept * 8 * keys.length);
      for (const [i, j] of [
        [0, 1],
        [0, 2],
        [2, 0],
        [5, 0],
        [1, 5],
        [5, 1],
      ]) {
        const [row, other] = [matrix.row(i), matrix.row(j)];
        expect([row, other]).toEqual([expected[i], expected[j]]);
      }
      expect(new Set(keys.map((_, i) => matrix.row(i))).size).toBe(Math.max(2, kept));
    }
  });

  // exp(1e4) is beyond float64.
  it('stays finite for keys of any size', () => {
    const large = keys.map((key) => key.map((x) => 100 * x));
    const matrix = make(1, large);
    for (let i = 0; i < large.length; i++) {
      expect(matrix.row(i).every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(Number.isFinite(matrix.logNormalisers[i])).toBe(true);
    }
  });
});

it('makes features of softmax whose products are those of its kernel', () => {
  const { coordinate, logProduct } = featureMaps.softmax;
  const [x, y] = [
    [0.5, -1, 2, 0],
    [1, 1, -0.5, 3],
  ];
  const product = x.reduce((sum, value, d) => sum + coordinate(value, 4) * coordinate(y[d], 4), 0);
  expect(logProduct(product)).toBeCloseTo(-1.5 / 2, 12);
});
