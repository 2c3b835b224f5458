// The framework's first statement, as code: layer, support vector expansion and attention are one function.

import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { fitSupportVectors, init, type SupportVectorFit } from '../../src/index.js';
import { normal } from '../support/normal.js';
import { random } from '../support/random.js';
import { attend, expectSame, noisy, price, rows } from './matrices.js';
import { columnOf, dot } from '../oracles/matrix.js';
import { normaliser, positive } from '../oracles/regressionOracle.js';

await init();

/** The layer of the primal side, in float64: W Phi(x) / h(x) + b. */
function primalLayer(
  { keys, values, bias }: SupportVectorFit,
  kernel: 'softmax' | 'linear',
  features: (row: number[]) => number[],
): { W: number[][]; b: number[]; layer: (x: number[], W: number[][], b: number[]) => number[] } {
  const [keyRows, valueRows] = [rows(keys), rows(values)];
  const mapped = keyRows.map(features);
  const W = valueRows[0].map((_, d) => mapped[0].map((_, f) => dot(columnOf(valueRows, d), columnOf(mapped, f))));
  const layer = (x: number[], W: number[][], b: number[]) =>
    W.map((w, d) => dot(w, features(x)) / normaliser(kernel, x, keyRows) + b[d]);
  return { W, b: [...bias.dataSync()], layer };
}

/** All monomials of x up to a degree, so that their products are the series of exp(x.y / sqrt D). */
function monomials(row: number[], degree = 24): number[] {
  const series = (x: number) => {
    const terms = [1];
    for (let n = 1; n <= degree; n++) terms.push((terms[n - 1] * x * row.length ** -0.25) / Math.sqrt(n));
    return terms;
  };
  return row.map(series).reduce((products, terms) => products.flatMap((p) => terms.map((t) => p * t)), [1]);
}

describe.each([
  ['linear', 5, positive],
  ['softmax', 2, (row: number[]) => monomials(row)],
] as const)('%s: the layer and the attention are one function', (kernel, width, features) => {
  const solved = () => {
    const keys = normal([40, width], 'keys');
    const targets = noisy(keys);
    return { targets, fit: fitSupportVectors(keys, targets, { kernel, ...price }) };
  };

  it('W Phi(x) / h(x) + b = sum_j Phi(x).Phi(k_j) / h(x) v_j + b = pa.attention + b', () => {
    const { fit } = solved();
    const queries = normal([13, width], 'queries');
    const { W, b, layer } = primalLayer(fit, kernel, features);
    const [keyFeatures, valueRows, keyRows] = [rows(fit.keys).map(features), rows(fit.values), rows(fit.keys)];
    const byLayer = rows(queries).map((x) => layer(x, W, b));
    const bySupportVectors = rows(queries).map((x) => {
      const total = normaliser(kernel, x, keyRows);
      return b.map(
        (bias, d) =>
          fit.supportIndices.reduce((sum, j) => sum + dot(features(x), keyFeatures[j]) * valueRows[j][d], 0) / total +
          bias,
      );
    });
    expectSame(tf.tensor2d(byLayer), bySupportVectors);
    expectSame(fit.predict(queries), byLayer);
    expectSame(tf.add(attend(queries, fit.keys, fit.values, { kernel }), fit.bias), byLayer);
  });

  it('W and b minimise the primal problem: no direction leads down', () => {
    const { fit, targets } = solved();
    const { W, b, layer } = primalLayer(fit, kernel, features);
    const [keyRows, targetRows] = [rows(fit.keys), rows(targets)];
    // kernelScale prices the errors: the problem of the paper with C kernelScale, divided by kernelScale.
    const objective = (W: number[][], b: number[]) =>
      W.reduce((sum, w) => sum + dot(w, w), 0) / (2 * fit.kernelScale) +
      keyRows.reduce((sum, key, j) => {
        const errors = layer(key, W, b).map((f, d) => Math.abs(targetRows[j][d] - f) - price.epsilon);
        return sum + price.C * errors.reduce((total, error) => total + Math.max(0, error), 0);
      }, 0);
    const least = objective(W, b);
    const rng = random('directions');
    for (let n = 0; n < 20; n++) {
      // Steps by which the layer changes visibly: half of them along W and b, half along b alone.
      const size = rng.pick([1e-3, 1e-2]) * Math.sqrt(fit.kernelScale) * (n % 2);
      const stepped = W.map((w) => w.map((x) => x + size * rng.normal()));
      expect(
        objective(
          stepped,
          b.map((x) => x + 1e-2 * rng.normal()),
        ),
      ).toBeGreaterThan(least - 1e-5);
    }
    expect(
      objective(
        W.map((w) => w.map((x) => x * 0.99)),
        b,
      ),
    ).toBeGreaterThan(least);
    expect(
      objective(
        W.map((w) => w.map((x) => x * 1.01)),
        b,
      ),
    ).toBeGreaterThan(least);
  });

  it('free support vectors lie on the edge of the tube', () => {
    const { fit, targets } = solved();
    const errors = tf.sub(targets, fit.predict(fit.keys)).dataSync();
    const duals = fit.dual.dataSync();
    const free = [...duals.keys()].filter((at) => duals[at] !== 0 && Math.abs(duals[at]) < 0.999 * price.C);
    expect(free.length).toBeGreaterThan(2);
    for (const at of free) expect(errors[at]).toBeCloseTo(Math.sign(duals[at]) * price.epsilon, 4);
  });
});
