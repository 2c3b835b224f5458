/** Recurrent layers in one kernel: against float64, and as tf.layers' own layers, against its plain JavaScript. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { recurrent } from '../../src/ops/recurrent.js';
import { init } from '../../src/ops/init.js';
import { gatesOf, type OracleCell, recurrentGradients, recurrentOracle } from '../oracles/recurrentOracle.js';
import { builds, initBuild } from '../support/builds.js';

const numbers = (count: number, seed: number, size = 1) =>
  Float64Array.from({ length: count }, (_, i) => Math.fround(size * Math.sin((i + 1) * (seed + 0.37) * 12.9898)));

function expectClose(actual: tf.Tensor, expected: ArrayLike<number>, bound = 2e-6): void {
  const values = Array.from(actual.dataSync());
  expect(values.length).toBe(expected.length);
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]) || 0), 0);
  expect(values.every(Number.isFinite)).toBe(true);
  expect(worst).toBeLessThan(bound * largest);
}

const cells: OracleCell[] = ['SimpleRNNCell', 'LSTMCell', 'GRUCell'];

describe.each(builds)('%s', (build) => {
  beforeAll(() => initBuild(build));

  describe.each(cells)('%s', (cell) => {
    it.each([
      { batch: 1, steps: 1, units: 1, hardSigmoid: true },
      { batch: 3, steps: 4, units: 5, hardSigmoid: false },
      { batch: 18, steps: 3, units: 7, hardSigmoid: false },
      { batch: 2, steps: 3, units: 8, hardSigmoid: false, masked: true },
      { batch: 5, steps: 3, units: 4, hardSigmoid: true, masked: true },
    ])('batch $batch, steps $steps, units $units, masked $masked', ({ masked, ...sizes }) => {
      const { batch, steps, units, hardSigmoid } = sizes;
      const width = gatesOf(cell) * units;
      const mask = masked ? Array.from({ length: batch * steps }, (_, i) => i % 3 !== 1) : undefined;
      const problem = { cell, ...sizes, ...(mask && { mask }) };
      const operands = {
        z: numbers(batch * steps * width, 1),
        kernel: numbers(units * width, 2),
        h0: numbers(batch * units, 3),
        c0: numbers(batch * units, 4),
      };
      const [dH, dC] = [numbers(batch * steps * units, 5), numbers(batch * steps * units, 6)];
      const expected = recurrentOracle(problem, operands);
      const gradients = recurrentGradients(problem, operands, { dH, dC: cell === 'LSTMCell' ? dC : dC.map(() => 0) });
      tf.tidy(() => {
        const shapes = {
          z: [batch, steps, width],
          kernel: [units, width],
          h0: [batch, units],
          c0: [batch, units],
        };
        const names = (['z', 'kernel', 'h0', 'c0'] as const).slice(0, cell === 'LSTMCell' ? 4 : 3);
        const tensors = names.map((name) => tf.tensor(Float32Array.from(operands[name]), shapes[name]));
        const hidden = mask ? tf.tensor(mask, [batch, steps], 'bool') : undefined;
        const run = ([z, kernel, ...initial]: tf.Tensor[]) =>
          recurrent({ z, kernel, initial, ...(hidden && { mask: hidden }) }, { cell, hardSigmoid });
        const [h, c] = run(tensors);
        expectClose(h, expected.h);
        if (cell === 'LSTMCell') expectClose(c, expected.c);
        const weigh = (states: tf.Tensor, weights: Float64Array) =>
          tf.sum(tf.mul(states, tf.tensor(Float32Array.from(weights), states.shape)));
        const found = tf.grads((...xs: tf.Tensor[]) => {
          const [h, c] = run(xs);
          return cell === 'LSTMCell' ? tf.add(weigh(h, dH), weigh(c, dC)) : weigh(h, dH);
        })(tensors);
        names.forEach((name, i) => expectClose(found[i], gradients[name], 1e-5));
      });
    });
  });

  it('what is no number stays none, in its own sequence only', () => {
    tf.tidy(() => {
      const z = tf.tensor3d([NaN, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [2, 1, 4]);
      const initial = [tf.zeros([2, 1]), tf.zeros([2, 1])];
      const [h] = recurrent({ z, kernel: tf.ones([1, 4]), initial }, { cell: 'LSTMCell', hardSigmoid: false });
      const values = h.dataSync();
      expect(values[0]).toBeNaN();
      expect(values[1]).toBeGreaterThan(0);
    });
  });
});

describe('layers of tf.layers', () => {
  beforeAll(async () => {
    await init({ threads: 2 });
  });
  afterEach(async () => {
    await tf.setBackend('wasm');
  });

  const kinds = ['lstm', 'gru', 'simpleRNN'] as const;

  /** Weights, predictions and losses of a few steps on a backend. */
  async function train(make: () => LayersModel, x: number[][][], backend: string): Promise<number[]> {
    await tf.setBackend(backend);
    const model = make();
    model.setWeights(
      model.getWeights().map((weight, i) => tf.tensor(Float32Array.from(numbers(weight.size, i, 0.4)), weight.shape)),
    );
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const input = tf.tensor3d(x);
    const out = model.predict(input) as tf.Tensor;
    const losses: number[] = [];
    for (let step = 0; step < 3; step++)
      losses.push((await model.trainOnBatch(input, tf.fill(out.shape, 0.3))) as number);
    return [...out.dataSync(), ...losses, ...model.getWeights().flatMap((weight) => [...weight.dataSync()])];
  }

  const data = Array.from({ length: 3 }, (_, b) =>
    Array.from({ length: 4 }, (_, t) => [Math.sin(b + 2 * t), b === 1 && t > 1 ? 0 : Math.cos(3 * b - t)]),
  );
  data[1][2] = data[1][3] = [0, 0];

  it.each(
    kinds.flatMap(
      (kind) =>
        [
          [kind, 'as it comes', {}],
          [kind, 'sequences, backwards', { returnSequences: true, goBackwards: true }],
          [kind, 'another sigmoid, no bias', { recurrentActivation: 'sigmoid', useBias: false }],
          [kind, 'stateful', { stateful: true }],
          [kind, 'relu, step by step', { activation: 'relu' }],
        ] as const,
    ),
  )('%s %s', async (kind, _, options) => {
    const make = () => sequential({ layers: [layers[kind]({ units: 3, batchInputShape: [3, 4, 2], ...options })] });
    const ours = await train(make, data, 'wasm');
    const cpu = await train(make, data, 'cpu');
    ours.forEach((value, i) => expect(value).toBeCloseTo(cpu[i], 4));
  });

  it.each(kinds)('%s with masked steps', async (kind) => {
    const make = () =>
      sequential({
        layers: [layers.masking({ maskValue: 0, inputShape: [4, 2] }), layers[kind]({ units: 3 })],
      });
    const ours = await train(make, data, 'wasm');
    const cpu = await train(make, data, 'cpu');
    ours.forEach((value, i) => expect(value).toBeCloseTo(cpu[i], 4));
  });

  it('runs one kernel for all steps', async () => {
    const layer = layers.lstm({ units: 3, inputShape: [50, 2] });
    const model = sequential({ layers: [layer] });
    const { kernels } = await tf.profile(() => model.predict(tf.ones([2, 50, 2])));
    expect(kernels.length).toBeLessThan(20);
    expect(kernels.map(({ name }) => name)).toContain('RecurrentLayer');
  });
});
