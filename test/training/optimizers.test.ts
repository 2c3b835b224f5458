import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { adamW } from '../../src/training/adamW.js';
import type { MomentOptimizer, MomentOptimizerArgs } from '../../src/training/momentOptimizer.js';
import { rAdam } from '../../src/training/rAdam.js';
import { sgd, SgdOptimizer } from '../../src/training/sgd.js';
import { maxError } from '../support/attention.js';

beforeAll(() => init());

type Settings = Required<Pick<MomentOptimizerArgs, 'learningRate' | 'weightDecay' | 'beta1' | 'beta2' | 'epsilon'>>;
type Step = (p: number, m: number, v: number, t: number, settings: Settings) => number;

/** Loshchilov and Hutter's Algorithm 2, as it stands in the paper. */
const adamWStep: Step = (p, m, v, t, { learningRate, weightDecay, beta1, beta2, epsilon }) =>
  p -
  learningRate * (m / (1 - beta1 ** t) / (Math.sqrt(v / (1 - beta2 ** t)) + epsilon)) -
  learningRate * weightDecay * p;

/** Liu et al.'s Algorithm 2 with the threshold and the place of epsilon of their code, and decoupled decay. */
const rAdamStep: Step = (p, m, v, t, { learningRate, weightDecay, beta1, beta2, epsilon }) => {
  const rhoInf = 2 / (1 - beta2) - 1;
  const rho = rhoInf - (2 * t * beta2 ** t) / (1 - beta2 ** t);
  const mHat = m / (1 - beta1 ** t);
  const decayed = p - learningRate * weightDecay * p;
  if (rho <= 5) return decayed - learningRate * mHat;
  const r = Math.sqrt(((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho));
  return decayed - (learningRate * mHat * r * Math.sqrt(1 - beta2 ** t)) / (Math.sqrt(v) + epsilon);
};

/** Gradient t of the loss in the tests below: sum of a sin(p) + t p / 10. */
const gradient = (p: number, a: number, t: number) => a * Math.cos(p) + t / 10;

/** Parameters after some steps, in float64; all variables side by side, clipped together. */
function reference(
  step: Step,
  start: number[],
  scales: number[],
  steps: number,
  settings: Settings,
  clip: number,
  amsgrad = false,
) {
  let p = [...start];
  const m = start.map(() => 0);
  const v = start.map(() => 0);
  const most = start.map(() => 0);
  for (let t = 1; t <= steps; t++) {
    const raw = p.map((value, i) => gradient(value, scales[i], t));
    const norm = Math.hypot(...raw);
    const g = raw.map((value) => value * Math.min(1, clip / norm));
    p = p.map((value, i) => {
      m[i] = settings.beta1 * m[i] + (1 - settings.beta1) * g[i];
      v[i] = settings.beta2 * v[i] + (1 - settings.beta2) * g[i] * g[i];
      // As PyTorch's adamw has it: the largest of all v, before the correction of their bias.
      most[i] = Math.max(most[i], v[i]);
      return step(value, m[i], amsgrad ? most[i] : v[i], t, settings);
    });
  }
  return p;
}

const start = [0.5, -1, 2, 0.1, 3];
const scales = [1, -2, 0.5, 3, -0.01];

/** Two variables of different shape that hold `start`. */
function makeVariables(): tf.Variable[] {
  return tf.tidy(() => [tf.variable(tf.tensor2d(start.slice(0, 2), [1, 2])), tf.variable(tf.tensor1d(start.slice(2)))]);
}

function minimize(optimizer: tf.Optimizer, variables: tf.Variable[], from: number, to: number): void {
  const parts = [tf.tensor2d(scales.slice(0, 2), [1, 2]), tf.tensor1d(scales.slice(2))];
  for (let t = from; t <= to; t++) {
    const loss = () =>
      variables
        .map((p, i) => tf.sum<tf.Scalar>(tf.add(tf.mul(parts[i], tf.sin(p)), tf.mul(p, t / 10))))
        .reduce((a, b) => tf.add(a, b));
    tf.dispose(optimizer.minimize(loss, true, variables) as tf.Scalar);
  }
  tf.dispose(parts);
}

const values = (variables: tf.Variable[]) => variables.flatMap((variable) => [...variable.dataSync()]);

const optimizers: [string, (args?: MomentOptimizerArgs) => MomentOptimizer, Step, number][] = [
  ['adamW', adamW, adamWStep, 0.01],
  ['rAdam', rAdam, rAdamStep, 0],
];

describe.each(optimizers)('%s', (name, make, step, defaultDecay) => {
  const settings = { learningRate: 0.02, weightDecay: 0.1, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 };

  it.each([1, 5, 6, 50])('follows its recurrence for %i steps', (steps) => {
    const variables = makeVariables();
    minimize(make(settings), variables, 1, steps);
    expect(maxError(values(variables), reference(step, start, scales, steps, settings, Infinity))).toBeLessThan(5e-6);
  });

  it('with amsgrad divides by the root of the largest mean square', () => {
    const [variables, others] = [makeVariables(), makeVariables()];
    const short = { ...settings, beta2: 0.8 };
    minimize(make({ ...short, amsgrad: true }), variables, 1, 40);
    minimize(make(short), others, 1, 40);
    const expected = reference(step, start, scales, 40, short, Infinity, true);
    expect(maxError(values(variables), expected)).toBeLessThan(5e-6);
    if (name === 'adamW') expect(maxError(values(others), expected)).toBeGreaterThan(1e-3);
  });

  it('has the usual defaults', () => {
    const usual = { learningRate: 1e-3, weightDecay: defaultDecay, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    const optimizer = make();
    expect(optimizer.getConfig()).toEqual({ ...usual, globalClipnorm: null });
    const variables = makeVariables();
    minimize(optimizer, variables, 1, 12);
    expect(maxError(values(variables), reference(step, start, scales, 12, usual, Infinity))).toBeLessThan(5e-6);
  });

  it('clips all gradients by their joint norm', () => {
    const variables = makeVariables();
    minimize(make({ ...settings, globalClipnorm: 1.5 }), variables, 1, 20);
    expect(maxError(values(variables), reference(step, start, scales, 20, settings, 1.5))).toBeLessThan(5e-6);
  });

  it('goes on from saved weights and configuration, and frees its moments', async () => {
    const before = tf.memory().numTensors;
    const [whole, halves] = [makeVariables(), makeVariables()];
    const optimizer = make(settings);
    minimize(optimizer, whole, 1, 20);
    const first = make(settings);
    minimize(first, halves, 1, 8);
    const constructor = first.constructor as tf.serialization.SerializableConstructor<MomentOptimizer>;
    const second = constructor.fromConfig(constructor, first.getConfig());
    const saved = await first.getWeights();
    expect(saved.length).toBe(1 + 2 * 2);
    await second.setWeights(saved);
    expect(second.iterations).toBe(8);
    minimize(second, halves, 9, 20);
    expect(values(halves)).toEqual(values(whole));
    tf.dispose([saved[0].tensor, ...whole, ...halves]);
    [optimizer, first, second].forEach((optimizer) => optimizer.dispose());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('does not step if clipping meets gradients that are not finite', () => {
    const variables = makeVariables();
    const step = () =>
      make({ ...settings, globalClipnorm: 1 }).minimize(() => tf.sum(tf.mul(variables[0], NaN)), false, variables);
    expect(step).toThrow("the gradients' joint norm was NaN");
    expect(values(variables)).toEqual(start.map(Math.fround));
  });

  it('leaves a variable alone that the loss does not depend on', () => {
    const [used, unused] = makeVariables();
    make(settings).minimize(() => tf.sum(used), false, [used]);
    expect(values([unused])).toEqual(start.slice(2).map(Math.fround));
  });

  it('names a bad argument', () => {
    expect(() => make({ learningRate: -1 })).toThrow(`${name}: learningRate was -1; it must be finite and 0 or more`);
    expect(() => make({ beta2: 1 })).toThrow(`${name}: beta2 was 1; it must be 0 or more and below 1`);
    expect(() => make({ globalClipnorm: 0 })).toThrow(`${name}: globalClipnorm was 0`);
  });
});

describe('sgd', () => {
  const gradients = (p: readonly number[], t: number) => p.map((value, i) => gradient(value, scales[i], t));

  it('keeps a part of the last direction, and decays, at any learning rate', () => {
    const optimizer = sgd({ learningRate: 0.05, momentum: 0.7, weightDecay: 0.1, globalClipnorm: 2 });
    const variables = makeVariables();
    const direction = start.map(() => 0);
    let p = [...start];
    for (let t = 1; t <= 20; t++) {
      const rate = 0.05 / t;
      optimizer.learningRate = rate;
      minimize(optimizer, variables, t, t);
      const g = gradients(p, t);
      const factor = Math.min(1, 2 / Math.hypot(...g));
      g.forEach((value, i) => (direction[i] = 0.7 * direction[i] + factor * value));
      p = p.map((value, i) => value * (1 - rate * 0.1) - rate * direction[i]);
    }
    expect(maxError(values(variables), p)).toBeLessThan(5e-6);
    optimizer.dispose();
  });

  it('is plain gradient descent without momentum', () => {
    const variables = makeVariables();
    minimize(sgd({ learningRate: 0.1, momentum: 0 }), variables, 1, 1);
    const expected = gradients(start, 1).map((g, i) => start[i] - 0.1 * g);
    expect(maxError(values(variables), expected)).toBeLessThan(1e-6);
  });

  it('is described by its configuration, and names a bad argument', () => {
    const config = { learningRate: 1e-3, momentum: 0.9, weightDecay: 0, globalClipnorm: null };
    expect(sgd().getConfig()).toEqual(config);
    const copy = SgdOptimizer.fromConfig(SgdOptimizer, { ...config, momentum: 0.5 });
    expect(copy.getConfig()).toEqual({ ...config, momentum: 0.5 });
    expect(() => sgd({ momentum: 1 })).toThrow('sgd: momentum was 1; it must be 0 or more and below 1');
    expect(() => sgd({ learningRate: NaN })).toThrow('sgd: learningRate was NaN');
  });
});
