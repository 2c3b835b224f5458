/** Scratch may hold anything: none of it may leak into a result, and nothing around it may change. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { type AttentionOptions, blockMask, init } from '../../../src/index.js';
import { attentionWithGradients } from '../../support/attention.js';
import { attentionTensors } from '../../support/attentionTensors.js';
import { builds, initBuild } from '../../support/builds.js';

afterAll(async () => {
  await init();
});

/** Fills the heap that is free. */
function fillHeap(value: number): void {
  tf.tidy(() => void tf.fill([2 ** 22], value));
}

const forms: [string, (keys: number) => AttentionOptions][] = [
  ['plain', () => ({})],
  ['causal', () => ({ causal: true })],
  ['window', () => ({ window: [19, 7] })],
  ['bn, window', () => ({ batchNorm: { beta: -0.5 }, window: [54, 48] })],
  ['sh', () => ({ headScales: [1, 2] })],
  ['linear', () => ({ kernel: 'linear' })],
  ['linear, causal', () => ({ kernel: 'linear', causal: true })],
  ['blocks', (keys) => ({ blockMask: blockMask((_, i, j) => (i + j) % 3 > 0, { queries: keys, blockSize: 8 }) })],
];

describe.each(builds)('on a heap of any contents, %s build', (build) => {
  // Around tiles of 4 and 6 rows, blocks of 64 keys, and several of them.
  const lengths = [1, 5, 6, 7, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 129, 193, 293];

  it.each(forms)('%s gives the same', async (_, optionsOf) => {
    await initBuild(build);
    for (const keys of lengths) {
      for (const [headWidth, width] of [
        [7, 9],
        [8, 16],
      ]) {
        const operands = attentionTensors({ B: 1, H: 2, G: 2, N: keys, M: keys, D: headWidth, E: width });
        const options = optionsOf(keys);
        fillHeap(0);
        const expected = attentionWithGradients(operands, options);
        fillHeap(NaN);
        expect(attentionWithGradients(operands, options), `${keys} keys, ${headWidth} and ${width} wide`).toEqual(
          expected,
        );
        tf.dispose(Object.values(operands));
      }
    }
  });
});
