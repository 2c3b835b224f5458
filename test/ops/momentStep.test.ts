import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { momentStep, type MomentSlot } from '../../src/ops/momentStep.js';
import { maxError } from '../support/attention.js';
import { random } from '../support/random.js';
import { expectSameBits } from '../support/threads.js';

beforeAll(() => init());

const settings = { beta1: 0.8, beta2: 0.95, decay: 0.99, stepSize: 0.02, epsilon: 1e-3 };

/** Around whole vectors and whole spans of 16384 numbers. */
const sizes = [1, 3, 4, 5, 16383, 16384, 16385, 40001, 0];

function makeSlots(): MomentSlot[] {
  return sizes.map((size) => {
    const rng = random(size);
    const [parameter, gradient, first, second] = [1, 1, 0.1, 0.1].map((deviation) => rng.normals(size, deviation));
    const variable = (values: Float32Array) => {
      const initial = tf.tensor1d(values);
      const variable = tf.variable(initial);
      initial.dispose();
      return variable;
    };
    return {
      parameter: variable(parameter),
      gradient: tf.tensor1d(gradient),
      first: variable(first),
      second: variable(second.map(Math.abs)),
    };
  });
}

const dispose = (slots: MomentSlot[]) => tf.dispose(slots.flatMap((slot) => Object.values(slot) as tf.Tensor[]));
const values = (slots: MomentSlot[]) =>
  slots.flatMap(({ parameter, first, second }) => [parameter, first, second].map((x) => x.dataSync()));

/** The step in float64, number by number. */
function oracle(slots: MomentSlot[], adaptive: boolean, clipNorm = Infinity): number[][] {
  const gradients = slots.map(({ gradient }) => [...gradient.dataSync()]);
  const norm = Math.sqrt(gradients.flat().reduce((sum, g) => sum + g * g, 0));
  const factor = Math.min(1, clipNorm / norm);
  const { beta1, beta2, decay, stepSize, epsilon } = settings;
  return slots.flatMap(({ parameter, first, second }, i) => {
    const g = gradients[i].map((value) => factor * value);
    const m = Array.from(first.dataSync(), (value, j) => beta1 * value + (1 - beta1) * g[j]);
    const v = Array.from(second.dataSync(), (value, j) => beta2 * value + (1 - beta2) * g[j] ** 2);
    const direction = m.map((value, j) => (adaptive ? value / (Math.sqrt(v[j]) + epsilon) : value));
    return [Array.from(parameter.dataSync(), (value, j) => decay * value - stepSize * direction[j]), m, v];
  });
}

describe('momentStep', () => {
  it.each([
    [true, undefined],
    [true, 3],
    [false, 1e9],
  ])('is the step of its formula; adaptive %s, clipNorm %s', (adaptive, clipNorm) => {
    const slots = makeSlots();
    const expected = oracle(slots, adaptive, clipNorm);
    momentStep(slots, { ...settings, epsilon: adaptive ? settings.epsilon : undefined, clipNorm });
    values(slots).forEach((found, i) => expect(maxError(found, expected[i])).toBeLessThan(2e-6));
    dispose(slots);
  });

  it('takes a norm whose squares float32 could not hold', () => {
    const slots = makeSlots().slice(1, 2);
    const gradient = tf.tensor1d([3e30, 0, 4e30]);
    const [before, moment] = [slots[0].parameter.dataSync(), slots[0].first.dataSync()];
    momentStep([{ ...slots[0], gradient }], { ...settings, epsilon: undefined, clipNorm: 5 });
    const expected = [3, 0, 4].map((g, i) => 0.99 * before[i] - 0.02 * (0.8 * moment[i] + 0.2 * g));
    expect(maxError(slots[0].parameter.dataSync(), expected)).toBeLessThan(1e-6);
  });

  it('works in place, but never on data that someone else has', () => {
    const slots = makeSlots().slice(0, 4);
    const { parameter, first } = slots[2];
    const kept = [tf.clone(parameter), tf.reshape(first, [2, 2])];
    const before = kept.map((tensor) => [...tensor.dataSync()]);
    const own = slots[0].parameter.dataId;
    momentStep(slots, settings);
    expect(kept.map((tensor) => [...tensor.dataSync()])).toEqual(before);
    expect([...parameter.dataSync()]).not.toEqual(before[0]);
    expect([...first.dataSync()]).not.toEqual(before[1]);
    expect(slots[0].parameter.dataId).toBe(own);
    const fresh = parameter.dataId;
    momentStep(slots, settings);
    expect(parameter.dataId).toBe(fresh);
    tf.dispose(kept);
    dispose(slots);
  });

  it('leaves no tensors behind', () => {
    const slots = makeSlots();
    momentStep(slots, { ...settings, clipNorm: 1 });
    const memory = tf.memory();
    for (let i = 0; i < 20; i++) momentStep(slots, { ...settings, clipNorm: 1 });
    expect(tf.memory()).toEqual(memory);
    dispose(slots);
  });

  it('changes nothing if the norm is not finite, or an argument is wrong', () => {
    const slots = makeSlots().slice(0, 4);
    const clone = tf.clone(slots[1].parameter);
    const before = values(slots);
    const memory = tf.memory();
    for (const bad of [NaN, Infinity, -Infinity]) {
      const gradient = tf.tensor1d([0, 1, bad]);
      const broken = [...slots, { ...slots[1], gradient }];
      expect(() => momentStep(broken, { ...settings, clipNorm: 1 })).toThrow(/^the gradients' joint norm was/);
      gradient.dispose();
    }
    const gradient = tf.ones([2]);
    expect(() => momentStep([...slots, { ...slots[1], gradient }], settings)).toThrow(
      `gradient of ${slots[1].parameter.name} was [2]; it must be [3]`,
    );
    gradient.dispose();
    expect(values(slots)).toEqual(before);
    expect(tf.memory()).toEqual(memory);
    clone.dispose();
    dispose(slots);
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => {
      const slots = makeSlots();
      momentStep(slots, { ...settings, clipNorm: 2 });
      return slots.flatMap((slot) => Object.values(slot) as tf.Tensor[]);
    }));
});
