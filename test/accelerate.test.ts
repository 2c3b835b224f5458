/** `import 'primal-attention/accelerate'` in programs as tfjs's examples are: the same results as before. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import { examplePrograms } from './support/examplePrograms.js';

const before: Record<string, number[]> = {};

beforeAll(async () => {
  await tf.setBackend('cpu');
  for (const [name, program] of Object.entries(examplePrograms)) before[name] = await program();
  await import('../src/accelerate.js');
}, 120_000);

it('changes what computes', async () => {
  const { info } = await import('../src/accelerate.js');
  expect(tf.getBackend()).toBe('wasm');
  expect(info().kernels).toContain('Conv2DBackpropFilter');
});

it.each(Object.entries(examplePrograms))('changes no result: %s', async (name, program) => {
  const after = await program();
  expect(after.length).toBe(before[name].length);
  after.forEach((value, i) => expect(Math.abs(value - before[name][i])).toBeLessThan(1e-4));
});
