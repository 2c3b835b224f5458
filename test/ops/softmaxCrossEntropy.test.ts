import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init, softmaxCrossEntropy } from '../../src/index.js';
import { expectDifferentiable, expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { normal } from '../support/normal.js';
import { expectSameBits } from '../support/threads.js';

/** The weighted mean of -sum t log softmax(z), z [B, C]. */
function oracle(z: number[], labels: number[], classes: number, smoothing: number, weights?: number[]): number[] {
  let [sum, total] = [0, 0];
  for (let b = 0; b < z.length / classes; b++) {
    const row = z.slice(b * classes, (b + 1) * classes);
    const most = Math.max(...row);
    const norm = most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
    const weight = weights?.[b] ?? 1;
    row.forEach((value, c) => {
      const target = (1 - smoothing) * labels[b * classes + c] + smoothing / classes;
      if (target !== 0) sum += weight * target * (norm - value);
    });
    total += weight;
  }
  return [total > 0 ? sum / total : 0];
}

const oneHot = (batch: number, classes: number) =>
  tf.tensor2d(
    Array.from({ length: batch * classes }, (_, i) => Number(i % classes === Math.floor(i / classes) % classes)),
    [batch, classes],
  );

describe.each([false, true])('softmaxCrossEntropy, relaxedSimd %s', (relaxedSimd) => {
  beforeAll(async () => {
    await init({ relaxedSimd });
  });

  it.each([1, 2, 3, 4, 5, 7, 8, 9, 33])('of %i classes: value and gradient', (classes) => {
    for (const batch of [1, 5]) {
      const logits = tf.mul(normal([batch, classes]), 3);
      const spread = tf.softmax(normal([batch, classes], 1));
      for (const labels of [oneHot(batch, classes), spread]) {
        for (const [labelSmoothing, weights] of [
          [0, undefined],
          [0.1, [2, 0, 1, 0.5, 3].slice(0, batch)],
        ] as const) {
          expectDifferentiable(
            (logits) => softmaxCrossEntropy(logits, labels, { labelSmoothing, weights }),
            (z) => oracle(z, [...labels.dataSync()], classes, labelSmoothing, weights),
            [logits],
          );
        }
      }
    }
  });
});

describe('softmaxCrossEntropy', () => {
  beforeAll(() => init());

  it('of labels that are no distribution has the gradient of its formula', () => {
    const labels = normal([3, 5], 1);
    const expected = (z: number[]) => oracle(z, [...labels.dataSync()], 5, 0.2);
    expectDifferentiable((z) => softmaxCrossEntropy(z, labels, { labelSmoothing: 0.2 }), expected, [normal([3, 5])]);
  });

  it('stays exact for large logits, and knows -Infinity', () => {
    const logits = tf.tensor2d([1e4, -1e4, 0, -Infinity, 0, 0, 3e38, 0, 0], [3, 3]);
    const labels = tf.tensor2d([0, 1, 0, 0, 1, 0, 1, 0, 0], [3, 3]);
    const [value, gradient] = valueAndGradients((z) => softmaxCrossEntropy(z, labels), [logits]);
    expect(value.dataSync()[0]).toBeCloseTo((2e4 + Math.log(2) + 0) / 3, 2);
    const rows = gradient.arraySync() as number[][];
    const expected = [
      [1 / 3, -1 / 3, 0],
      [0, -1 / 6, 1 / 6],
      [0, 0, 0],
    ];
    expected.forEach((row, b) => row.forEach((wanted, c) => expect(rows[b][c]).toBeCloseTo(wanted, 6)));
  });

  it('is NaN where a logit is', () => {
    for (const place of [0, 1, 5, 6]) {
      const logits = Array.from({ length: 7 }, (_, i) => (i === place ? NaN : i));
      const loss = softmaxCrossEntropy(tf.tensor2d([logits]), tf.tensor2d([[1, 0, 0, 0, 0, 0, 0]]));
      expect(loss.dataSync()[0]).toBeNaN();
    }
  });

  it('is 0 without samples or weight', () => {
    expect(softmaxCrossEntropy(tf.zeros([0, 3]), tf.zeros([0, 3])).dataSync()[0]).toBe(0);
    const labels = oneHot(2, 3);
    const [value, gradient] = valueAndGradients(
      (z) => softmaxCrossEntropy(z, labels, { weights: [0, 0] }),
      [normal([2, 3])],
    );
    expect([...value.dataSync(), ...gradient.dataSync()].every((x) => x === 0)).toBe(true);
  });

  it('leaves no tensors behind', () => {
    const [logits, labels] = [normal([4, 5]), oneHot(4, 5)];
    expectNoLeaks(() => valueAndGradients((z) => softmaxCrossEntropy(z, labels), [logits]));
    expectNoLeaks(() => [softmaxCrossEntropy(logits, labels)]);
  });

  it('gives the same bits on any number of threads', () =>
    expectSameBits(() => valueAndGradients((z) => softmaxCrossEntropy(z, oneHot(900, 101)), [normal([900, 101])])));

  it.each<[string, () => unknown]>([
    ['logits was [3]; it must be [B, C]', () => softmaxCrossEntropy(tf.ones([3]), tf.ones([3]))],
    ['logits was [3, 0]; it must be [B, C], C 1 or more', () => softmaxCrossEntropy(tf.ones([3, 0]), tf.ones([3, 0]))],
    ['labels was [3]; it must be [3, 2]', () => softmaxCrossEntropy(tf.ones([3, 2]), tf.ones([3]))],
    ['labels was int32; it must be float32', () => softmaxCrossEntropy(tf.ones([3, 2]), tf.ones([3, 2], 'int32'))],
    ['labelSmoothing was 2', () => softmaxCrossEntropy(tf.ones([3, 2]), tf.ones([3, 2]), { labelSmoothing: 2 })],
    ['weights was [1]; it must hold 3', () => softmaxCrossEntropy(tf.ones([3, 2]), tf.ones([3, 2]), { weights: [1] })],
    ['weights[1] was -1', () => softmaxCrossEntropy(tf.ones([2, 2]), tf.ones([2, 2]), { weights: [1, -1] })],
    ["unknown option 'smooth'", () => softmaxCrossEntropy(tf.ones([2, 2]), tf.ones([2, 2]), { smooth: 1 } as object)],
  ])('names a wrong argument: %s', (message, use) => {
    expect(() => tf.tidy(() => void use())).toThrow(`softmaxCrossEntropy: ${message}`);
  });
});
