import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions } from '../../../src/index.js';
import { maxError, maxSize } from '../../support/attention.js';
import { attentionOracle } from '../../oracles/attentionOracle.js';
import { builds, initBuild } from '../../support/builds.js';
import { type GoldenArray, type GoldenCase, goldenCases } from '../../support/golden.js';

const cases = goldenCases();

const tensor = ({ values, shape, dtype }: GoldenArray) =>
  tf.tensor(Float32Array.from(values), shape, dtype === 'bool' ? 'bool' : 'float32');

/** Output and gradients of one case, by their names in the file. */
function compute({ options, arrays }: GoldenCase): Record<string, Float32Array> {
  const { conv2dGrid, ...others } = options as { conv2dGrid?: [number, number] };
  const { mask, conv } = arrays;
  return tf.tidy(() => {
    const [q, k, v, dOut] = [arrays.q, arrays.k, arrays.v, arrays.dout].map(tensor);
    const kernel = conv && tensor(conv);
    const f = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, kernel?: tf.Tensor) =>
      attention(q, k, v, {
        ...(others as AttentionOptions),
        ...(mask && { mask: tensor(mask) }),
        ...(kernel && { conv: { kernel, grid: conv2dGrid } }),
      });
    const inputs = kernel ? [q, k, v, kernel] : [q, k, v];
    const [dq, dk, dv, dconv] = tf.grads(f)(inputs, dOut);
    const results = { out: f(q, k, v, kernel), dq, dk, dv, ...(kernel && { dconv }) };
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => [name, result.dataSync() as Float32Array]),
    );
  });
}

it('has all 47 cases, 7 of them with the defaults of batchNorm', () => {
  expect(cases).toHaveLength(47);
  expect(cases.filter(({ options }) => JSON.stringify(options.batchNorm) === '{}')).toHaveLength(7);
});

describe.each(builds)("PyTorch's results, %s build", (build) => {
  beforeAll(async () => {
    await initBuild(build);
  });

  it.each(cases)('$name', (golden) => {
    const results = compute(golden);
    const { q, k, v, dout, conv } = golden.arrays;
    expect(Object.keys(results)).toEqual(['out', 'dq', 'dk', 'dv', ...(conv ? ['dconv'] : [])]);
    for (const [name, result] of Object.entries(results)) {
      const expected = golden.arrays[name as 'out'].values;
      // One key has weight 1 whatever its score: its gradient is 0 and has no scale of its own.
      let allowed = (name === 'out' ? 2e-6 : 1e-5) * Math.max(maxSize(expected), 1e-2);
      // Scores of hundreds lose digits before any kernel sees them: then the measure is an honest float32 evaluation.
      if (golden.name === 'softmax_large_scores') {
        const [[B, H, N, D], [, G, M, E]] = [q.shape, v.shape];
        const operands = { q: q.values, k: k.values, v: v.values, dOut: dout.values };
        const plain = attentionOracle({ B, H, G, N, M, D, E, ...operands }, Math.fround);
        allowed = Math.max(allowed, 3 * maxError(plain[name as 'out'], expected));
      }
      expect(maxError(result, expected), name).toBeLessThanOrEqual(allowed);
    }
  });
});
