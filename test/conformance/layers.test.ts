/** Every class of tf.layers, forward and one training step, against tfjs's plain JavaScript on the same weights. */
import { readFileSync, writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-backend-cpu';
import { input, model as makeModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { inputsOf, type LayerCase, layerCases } from './layerCases.js';

interface Run {
  output: number[];
  weights: number[][];
}

interface Applied {
  apply(inputs: SymbolicTensor | SymbolicTensor[]): SymbolicTensor;
}

/** A layer applied, the gradients of its inputs, and its weights after one step of gradient descent. */
async function run(one: LayerCase, backend: string, initial?: number[][]): Promise<Run & { initial: number[][] }> {
  await tf.setBackend(backend);
  const inputs = one.shapes.map((shape) => input({ shape: shape.slice(1) }));
  const layer = one.make() as Applied;
  const outputs = layer.apply(inputs.length === 1 ? inputs[0] : inputs);
  const model = makeModel({ inputs, outputs });
  const start = initial ?? model.getWeights().map((weight, i) => numbers(weight.size, i));
  model.setWeights(model.getWeights().map((weight, i) => tf.tensor(start[i], weight.shape)));
  const data = inputsOf(one);
  const output = model.predict(data.length === 1 ? data[0] : data) as tf.Tensor;
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const target = tf.fill(output.shape, 0.3);
  const inputGradients = one.vocabulary
    ? []
    : tf.grads((...xs: tf.Tensor[]) => {
        const y = model.apply(xs.length === 1 ? xs[0] : xs, { training: true }) as tf.Tensor;
        return tf.sum(tf.square(tf.sub(y, target)));
      })(data);
  if (model.trainableWeights.length > 0) await model.trainOnBatch(data.length === 1 ? data[0] : data, target);
  return {
    initial: start,
    output: [...output.dataSync()],
    weights: [...model.getWeights(), ...inputGradients].map((weight) => [...weight.dataSync()]),
  };
}

/** Weights of a size, small and of both signs; variances need positive ones. */
const numbers = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => 0.4 + 0.3 * Math.sin((i + 1) * (seed + 2.1) * 5.3));

function distance(a: number[], b: number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Number.isNaN(value) ? Infinity : Math.abs(value - b[i])), 0);
}

beforeAll(async () => {
  await init({ threads: 2 });
});

/** Differences from cpu, for `npm run conformance`. */
const found: { name: string; forward: number; training: number; cpuIsWrong?: string }[] = [];

afterAll(async () => {
  const { CONFORMANCE_LAYERS } = process.env;
  if (CONFORMANCE_LAYERS) writeFileSync(CONFORMANCE_LAYERS, JSON.stringify(found));
  await tf.setBackend('wasm');
});

it.each(layerCases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const ours = await run(one, 'wasm');
  const cpu = await run(one, 'cpu', ours.initial);
  const forward = distance(ours.output, cpu.output);
  const gradients = ours.weights.map((weight, i) => distance(weight, cpu.weights[i]));
  found.push({ name: one.name, forward, training: Math.max(0, ...gradients), cpuIsWrong: one.cpuIsWrong });
  expect(forward).toBeLessThan(1e-4);
  if (one.cpuIsWrong === undefined) expect(Math.max(0, ...gradients)).toBeLessThan(1e-4);
  else expect(Math.max(...gradients)).toBeGreaterThan(1e-4);
});

it('has its table in the documentation', () => {
  const rows = readFileSync(new URL('../../docs/tfjs.md', import.meta.url), 'utf8').split('\n');
  const named = rows.filter((row) => / \| +(\d(e[-+]\d+)?) +\| /.test(row)).map((row) => row.split('|')[1].trim());
  expect(named).toEqual(layerCases.map(({ name }) => name));
});
