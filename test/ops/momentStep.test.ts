import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import type { GradientLimits } from '../../src/kernels/momentStep.js';
import { momentStep, type MomentSlot } from '../../src/ops/momentStep.js';
import { maxError } from '../support/attention.js';
import { random } from '../support/random.js';
import { expectSameBits } from '../support/threads.js';

beforeAll(() => init());

const settings = { beta1: 0.8, beta2: 0.95 };
const rule = { decay: 0.99, stepSize: 0.02, epsilon: 1e-3 };

/** Around whole vectors and whole spans of 16384 numbers. */
const sizes = [1, 3, 4, 5, 16383, 16384, 16385, 40001, 0];

function makeSlots(amsgrad = false): MomentSlot[] {
  return sizes.map((size, index) => {
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
      ...(amsgrad && { most: variable(second.map((value) => 3 * value * value)) }),
      rule: { ...rule, stepSize: rule.stepSize * (1 + index) },
    };
  });
}

const tensorsOf = (slot: MomentSlot) =>
  Object.values(slot).filter((value): value is tf.Tensor => value instanceof tf.Tensor);
const dispose = (slots: MomentSlot[]) => tf.dispose(slots.flatMap(tensorsOf));
const stepped = ({ parameter, first, second, most }: MomentSlot) => [parameter, first, second, ...(most ? [most] : [])];
const values = (slots: MomentSlot[]) => slots.flatMap((slot) => stepped(slot).map((x) => x.dataSync()));

const normOf = (values: readonly number[]) => Math.sqrt(values.reduce((sum, g) => sum + g * g, 0));

/** The step in float64, number by number. */
function oracle(slots: MomentSlot[], limits: GradientLimits): number[][] {
  const gradients = slots.map(({ gradient }) => [...gradient.dataSync()]);
  const { clipNorm = Infinity, clipEach = Infinity, clipValue: cut = Infinity } = limits;
  const joint = Math.min(1, clipNorm / normOf(gradients.flat()));
  const { beta1, beta2 } = settings;
  return slots.flatMap(({ parameter, first, second, most, rule }, i) => {
    const { decay, stepSize, epsilon } = rule!;
    const factor = joint * Math.min(1, clipEach / normOf(gradients[i]));
    const g = gradients[i].map((value) => Math.max(-cut, Math.min(cut, factor * value)));
    const m = Array.from(first.dataSync(), (value, j) => beta1 * value + (1 - beta1) * g[j]);
    const v = Array.from(second.dataSync(), (value, j) => beta2 * value + (1 - beta2) * g[j] ** 2);
    const largest = most && Array.from(most.dataSync(), (value, j) => Math.max(value, v[j]));
    const squares = largest ?? v;
    const direction = m.map((value, j) => (epsilon === undefined ? value : value / (Math.sqrt(squares[j]) + epsilon)));
    const p = Array.from(parameter.dataSync(), (value, j) => decay * value - stepSize * direction[j]);
    return [p, m, v, ...(largest ? [largest] : [])];
  });
}

describe('momentStep', () => {
  it.each([
    [true, false, {}],
    [true, true, {}],
    [true, false, { clipNorm: 3 }],
    [false, false, { clipNorm: 1e9 }],
    [true, false, { clipEach: 2 }],
    [false, true, { clipValue: 0.5 }],
  ])('is the step of its formula; adaptive %s, amsgrad %s, %j', (adaptive, amsgrad, limits) => {
    const slots = makeSlots(amsgrad).map((slot) =>
      adaptive ? slot : { ...slot, rule: { ...slot.rule!, epsilon: undefined } },
    );
    const expected = oracle(slots, limits);
    momentStep(slots, { ...settings, ...limits });
    values(slots).forEach((found, i) => expect(maxError(found, expected[i])).toBeLessThan(2e-6));
    dispose(slots);
  });

  it('takes a norm whose squares float32 could not hold', () => {
    const slots = makeSlots().slice(1, 2);
    const gradient = tf.tensor1d([3e30, 0, 4e30]);
    const [before, moment] = [slots[0].parameter.dataSync(), slots[0].first.dataSync()];
    momentStep([{ ...slots[0], gradient, rule: { decay: 0.99, stepSize: 0.02 } }], {
      ...settings,
      clipNorm: 5,
    });
    const expected = [3, 0, 4].map((g, i) => 0.99 * before[i] - 0.02 * (0.8 * moment[i] + 0.2 * g));
    expect(maxError(slots[0].parameter.dataSync(), expected)).toBeLessThan(1e-6);
  });

  it('refuses a gradient whose square is not finite, unless clipping makes it small', () => {
    const slots = makeSlots(true).slice(2, 3);
    const gradient = tf.tensor1d([0, 2e19, 0, 0]);
    const before = values(slots);
    const large = [{ ...slots[0], gradient }];
    expect(() => momentStep(large, settings)).toThrow(/^the norm of a gradient was 1999.*; it must be at most 9223372/);
    expect(values(slots)).toEqual(before);
    for (const limits of [{ clipNorm: 1 }, { clipEach: 1 }, { clipValue: 1 }]) {
      expect(() => momentStep(large, { ...settings, ...limits })).not.toThrow();
      expect(values(slots).every((numbers) => numbers.every(Number.isFinite))).toBe(true);
    }
    gradient.dispose();
    dispose(slots);
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
      expect(() => momentStep(broken, settings)).toThrow(/^the gradients' joint norm was/);
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
      return slots.flatMap(tensorsOf);
    }));
});
