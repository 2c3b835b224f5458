import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init, type AttentionOptions } from '../../src/index.js';
import { attentionWithGradients, maxError, maxSize } from '../support/attention.js';
import { attentionOracle } from '../support/attentionOracle.js';
import { type GoldenArray, goldenCases } from '../support/golden.js';

const softmaxCases = goldenCases().filter(({ name }) => name.startsWith('softmax_'));

const tensor = ({ values, shape, dtype }: GoldenArray) =>
  tf.tensor(Float32Array.from(values), shape, dtype === 'bool' ? 'bool' : 'float32');

it('has all 21 softmax cases', () => {
  expect(softmaxCases).toHaveLength(21);
});

describe.each([false, true])("PyTorch's results, relaxedSimd %s", (relaxedSimd) => {
  beforeAll(async () => {
    await init({ relaxedSimd });
  });

  it.each(softmaxCases)('$name', ({ name: title, options, arrays }) => {
    const { q, k, v, dout, mask } = arrays;
    const results = tf.tidy(() =>
      attentionWithGradients(
        { q: tensor(q), k: tensor(k), v: tensor(v), dOut: tensor(dout) },
        { ...(options as AttentionOptions), ...(mask && { mask: tensor(mask) }) },
      ),
    );
    const [B, H, N, D] = q.shape;
    const [, G, M, E] = v.shape;
    for (const [name, bound] of Object.entries({ out: 2e-6, dq: 1e-5, dk: 1e-5, dv: 1e-5 })) {
      const key = name as keyof typeof results;
      const expected = arrays[key].values;
      let allowed = bound * Math.max(maxSize(expected), 1e-2);
      // Scores of hundreds lose digits before any kernel sees them: then the measure is an honest float32 evaluation.
      if (title === 'softmax_large_scores') {
        const arguments_ = { B, H, G, N, M, D, E, q: q.values, k: k.values, v: v.values, dOut: dout.values };
        const plain = attentionOracle(arguments_, Math.fround);
        allowed = Math.max(allowed, 3 * maxError(plain[key], expected));
      }
      expect(maxError(results[key], expected), name).toBeLessThanOrEqual(allowed);
    }
  });
});
