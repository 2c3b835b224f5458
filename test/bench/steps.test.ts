/** The training steps of the benchmark: their arithmetic, and that all train the same model. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attentionFlops } from '../../src/analysis/attentionFlops.js';
import { checkLosses } from '../../bench/steps/check.js';
import { type Step, stepOf } from '../../bench/steps/classifier.js';
import { poolOf } from '../../bench/steps/data.js';
import { workOf } from '../../bench/steps/kernelWork.js';
import { CLASSES, type FormName, formNames, type StepModel } from '../../bench/steps/models.js';
import { TimedKernels } from '../../bench/steps/timedKernels.js';
import { tfjsStepOf } from '../../bench/steps/tfjsModel.js';
import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import { vanishedNote } from '../../src/benchmarks/lossTrace.js';
import { init } from '../../src/index.js';

const model: StepModel = { name: 'T', batch: 3, length: 10, width: 8, feedForward: 12, heads: 2, layers: 2 };

const [batch] = poolOf(model, 1);

beforeAll(() => init({ threads: 1 }));

/** Operations of a step. */
function flopsOf(form: FormName): number {
  const { flops, dispose } = stepOf(model, form);
  dispose();
  return flops;
}

/** Of three steps on one batch. */
function losses(step: Step['step']): number[] {
  return [1, 2, 3].map(() => step(batch));
}

describe('steps', () => {
  it('counts the operations of products and attention', () => {
    // Embedding, its gradient of the weights; per layer: 4 projections, feed-forward, attention; classes.
    const rows = 3 * 10;
    const layer = 3 * (4 * 2 * rows * 8 * 8 + 2 * 2 * rows * 8 * 12) + 14 * 3 * 2 * 10 * 10 * 4;
    expect(flopsOf('softmax')).toBe(2 * 2 * rows * 12 * 8 + 2 * layer + 3 * 2 * 3 * 80 * 9);
    expect(flopsOf('bn')).toBe(flopsOf('softmax'));
    // One of two heads has half of the keys: a quarter less for attention and for the products of keys and values.
    const saved = 0.25 * (3 * 2 * 2 * rows * 8 * 8 + 14 * 3 * 2 * 10 * 10 * 4);
    expect(flopsOf('softmax') - flopsOf('sh')).toBeCloseTo(2 * saved, 6);
  });

  it("has the losses of tfjs's composed model, and learns in every form", () => {
    const composed = tfjsStepOf(model);
    const expected = losses(composed.step);
    composed.dispose();
    for (const form of formNames) {
      const { step, dispose } = stepOf(model, form);
      const found = losses(step);
      dispose();
      expect(found[2]).toBeLessThan(found[0]);
      if (form === 'softmax') {
        found.forEach((loss, index) => expect(Math.abs(loss / expected[index] - 1)).toBeLessThan(1e-4));
      }
    }
  });

  it('can be measured for long: the loss does not vanish', () => {
    const { step, dispose } = stepOf(model, 'softmax');
    const fresh = new FreshSteps(step, poolOf(model), CLASSES);
    for (let count = 0; count < 200; count++) fresh.step();
    dispose();
    expect(vanishedNote('T', fresh.loss)).toBeUndefined();
    expect(fresh.loss.end).toBeLessThan(2 * fresh.loss.start);
  });

  it('refuses losses that differ', () => {
    const one = { threads: 1, build: 'simd', losses: { bn: [2, 1.5] } };
    expect(() => checkLosses('A', [one, { ...one, build: 'relaxed' }])).not.toThrow();
    const other = { threads: 2, build: 'relaxed', losses: { bn: [2, 1.51] } };
    expect(() => checkLosses('A', [one, other])).toThrow(/step A bn: the loss of step 2 was 1.51.*1.5/);
    expect(() => checkLosses('A', [one, { ...other, losses: { bn: [2, NaN] } }])).toThrow(/NaN/);
  });
});

describe('profile', () => {
  it('knows the arithmetic of products', () => {
    const tensor = (...shape: number[]) => ({ dataId: {}, shape, dtype: 'float32' as const });
    const work = workOf('BatchMatMul', [tensor(2, 5, 3), tensor(2, 5, 7)], [tensor(2, 3, 7)], { transposeA: true });
    expect(work).toEqual({ name: 'BatchMatMul TN 2x[3,5]x[5,7]', flops: 2 * 2 * 3 * 5 * 7, bytes: 4 * (30 + 70 + 42) });
  });

  it('sees every kernel, and the arithmetic of attention', () => {
    const timed = new TimedKernels();
    const { step, dispose } = stepOf(model, 'sh');
    step(batch);
    dispose();
    const attention = timed.take().filter(({ name }) => name.includes('Attention'));
    const sizes = { batch: 3, heads: 2, keyHeads: 2, queries: 10, keys: 10, headWidth: 4, valueWidth: 4 };
    const { forward, backward } = attentionFlops(sizes, { headScales: [1, 2] });
    expect(attention.reduce((sum, { flops }) => sum + flops, 0)).toBe(2 * (forward + backward));
    tf.tidy(() => tf.add(tf.matMul(tf.ones([2, 3]), tf.ones([3, 4])), 1));
    const seen = timed.take().map(({ name, calls }) => `${name} ${calls}`);
    expect(seen).toContain('BatchMatMul NN [2,3]x[3,4] 1');
    expect(seen).toContain('Add 1');
    expect(timed.take()).toEqual([]);
  });
});
