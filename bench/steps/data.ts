// Weights and batches of a step, the same in each process.

import { POOL_SIZE } from '../../src/benchmarks/freshSteps.js';
import type { Batch } from '../../src/data/batches.js';
import { between, normal } from '../random.js';
import { CHANNELS, CLASSES, type StepModel } from './models.js';

/** Small, as wide heads on random labels would step far from the initial weights; the time of a step is the same. */
export const LEARNING_RATE = 1e-4;
export const WEIGHT_DECAY = 0.01;

/** The initial value of a weight: 1 or 0 for normalisation's, else uniform in +-1/sqrt(fan-in). */
export function initialValue(name: string, shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (name.endsWith('/gamma')) return new Float32Array(count).fill(1);
  if (name.endsWith('/beta')) return new Float32Array(count);
  return between(name, count, 1 / Math.sqrt(shape.length === 1 ? 100 : shape[0]));
}

/** Batches without padding, see FreshSteps. */
export function poolOf({ name, batch, length }: StepModel, count = POOL_SIZE): Batch[] {
  return Array.from({ length: count }, (_, index) => ({
    size: batch,
    inputs: [
      { values: normal(`${name} ${index}`, batch * length * CHANNELS), shape: [batch, length, CHANNELS] },
      { values: new Float32Array(batch).fill(length), shape: [batch, 1] },
    ],
    labels: Float32Array.from({ length: batch }, (_, b) => b % CLASSES),
  }));
}
