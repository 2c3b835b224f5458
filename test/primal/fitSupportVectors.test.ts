import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, fitSupportVectors, init } from '../../src/index.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';
import { random } from '../support/random.js';
import { goldenRegressions } from './goldenRegressions.js';
import { columnOf, rowsOf } from '../oracles/matrix.js';
import { dualObjective, kernelMatrix, unitScale, worstViolation } from '../oracles/regressionOracle.js';

beforeAll(async () => {
  await init();
});

const cases = goldenRegressions();

it('has all 3 golden regressions', () => {
  expect(cases.map(({ name }) => name)).toEqual(['softmax_small', 'softmax_c10', 'linear']);
});

describe.each(cases)("scikit-learn's solution, $name", (golden) => {
  const { keys, targets, queries, kernel, C, epsilon, kernelScale } = golden;
  const fitted = () => fitSupportVectors(tf.tensor2d(keys), tf.tensor2d(targets), { kernel, C, epsilon, kernelScale });

  it('has the same predictions', () => {
    const predictions = fitted().predict(tf.tensor2d(queries));
    expect(predictions.shape).toEqual([queries.length, targets[0].length]);
    expect(maxError(predictions.dataSync(), golden.predictions.flat())).toBeLessThan(1e-4);
  });

  it('is a solution: feasible, KKT conditions hold, objective at least as good', () => {
    const fit = fitted();
    expect(fit.gap).toBeLessThanOrEqual(1e-5);
    const [dual, bias] = [rowsOf(fit.dual.dataSync(), targets[0].length), fit.bias.dataSync()];
    const K = kernelMatrix(keys, golden);
    for (let d = 0; d < bias.length; d++) {
      const [u, y] = [columnOf(dual, d), columnOf(targets, d)];
      expect(Math.abs(u.reduce((sum, value) => sum + value))).toBeLessThan(1e-5);
      expect(Math.max(...u.map(Math.abs))).toBeLessThanOrEqual(Math.fround(C));
      // float32 duals and keys, where the solver has float64 duals.
      expect(worstViolation(K, { u, bias: bias[d], y }, golden)).toBeLessThan(1e-4);
      const reference = dualObjective(K, { u: columnOf(golden.dual, d), y }, epsilon);
      expect(dualObjective(K, { u, y }, epsilon)).toBeGreaterThan(reference - 1e-4);
    }
    expect(fit.supportIndices).toEqual([...dual.keys()].filter((j) => dual[j].some((value) => value !== 0)));
  });

  it("finds the file's kernelScale by itself", () => {
    const options = { kernel, C, epsilon, kernelScale: 'auto' } as const;
    const fit = fitSupportVectors(tf.tensor2d(keys), tf.tensor2d(targets), options);
    expect(fit.kernelScale / unitScale(rowsOf(tf.tensor2d(keys).dataSync(), keys[0].length), kernel)).toBeCloseTo(1, 9);
    expect(fit.kernelScale / kernelScale).toBeCloseTo(1, 5);
  });

  it('predicts by attention', () => {
    const fit = fitted();
    const [q, k, v] = [tf.tensor2d(queries), fit.keys, fit.values].map((rows) =>
      tf.reshape(rows, [1, 1, ...rows.shape]),
    );
    const expected = tf.add(tf.reshape(attention(q, k, v, { kernel }), [queries.length, -1]), fit.bias);
    expect(fit.predict(tf.tensor2d(queries)).dataSync()).toEqual(expected.dataSync());
  });
});

it('solves the problem of the paper unless a kernelScale is given', () => {
  const [keys, targets] = [normal([12, 3], 'keys'), normal([12, 2], 'targets')];
  const plain = fitSupportVectors(keys, targets);
  expect(plain.kernelScale).toBe(1);
  const spelled = {
    kernel: 'softmax',
    C: 1,
    epsilon: 0.1,
    kernelScale: 1,
    tolerance: 1e-5,
    maxIterations: 1e7,
  } as const;
  expect(fitSupportVectors(keys, targets, spelled).dual.dataSync()).toEqual(plain.dual.dataSync());
  expect(fitSupportVectors(keys, targets, { C: undefined }).dual.dataSync()).toEqual(plain.dual.dataSync());
});

it.each(['softmax', 'linear'] as const)('takes kernelScale as the price of errors, %s', (kernel) => {
  const [keys, targets, queries] = [normal([15, 3], 'keys'), normal([15, 2], 'targets'), normal([5, 3], 'queries')];
  const scaled = fitSupportVectors(keys, targets, { kernel, C: 0.5, kernelScale: 600, tolerance: 1e-8 });
  const priced = fitSupportVectors(keys, targets, { kernel, C: 300, kernelScale: 1, tolerance: 1e-8 });
  expect(maxError(scaled.predict(queries).dataSync(), priced.predict(queries).dataSync())).toBeLessThan(1e-4);
});

it('is differentiable in the queries', () => {
  const fit = fitSupportVectors(normal([20, 2], 'keys'), normal([20, 1], 'targets'), { kernelScale: 'auto' });
  const at = (x: number) => fit.predict(tf.tensor2d([x, 0.3], [1, 2])).dataSync()[0];
  const slope = tf
    .grad((x: tf.Tensor) => tf.sum(fit.predict(x)))(tf.tensor2d([0.2, 0.3], [1, 2]))
    .dataSync()[0];
  expect(slope).toBeCloseTo((at(0.25) - at(0.15)) / 0.1, 1);
});

it('owns its tensors, and gives them back', () => {
  const [keys, targets, queries] = [normal([9, 2], 'keys'), normal([9, 1], 'targets'), normal([4, 2], 'queries')];
  const before = tf.memory();
  const expectAsBefore = () =>
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numBytes: before.numBytes });
  tf.tidy(() => {
    fitSupportVectors(keys, targets).predict(queries);
  });
  expectAsBefore();
  const copy = keys.clone();
  const fit = fitSupportVectors(copy, targets);
  copy.dispose();
  expect(tf.memory().numTensors).toBe(before.numTensors + 4);
  fit.predict(queries).dispose();
  fit.dispose();
  fit.dispose();
  expectAsBefore();
  expect(() => fit.predict(queries)).toThrow('predict: the fit is disposed; it must be a live one');
});

it('solves 2,000 keys with 16 outputs in under 20 s', () => {
  const rng = random('speed');
  const keys = rng.normals(2000 * 16);
  const targets = Float32Array.from({ length: 2000 * 16 }, (_, at) => {
    const row = at - (at % 16);
    return Math.sin(2 * keys[at]) + keys[row + ((at + 1) % 16)] / 2 + 0.3 * rng.normal();
  });
  const { user, system } = process.cpuUsage();
  const fit = fitSupportVectors(tf.tensor2d(keys, [2000, 16]), tf.tensor2d(targets, [2000, 16]), {
    kernelScale: 'auto',
  });
  const used = process.cpuUsage({ user, system });
  expect((used.user + used.system) / 1e6).toBeLessThan(20);
  expect(fit.gap).toBeLessThanOrEqual(1e-5);
});
