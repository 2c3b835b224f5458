// Weights and batches of a step, the same in each process.

import { between, normal } from '../random.js';
import { CHANNELS, CLASSES, type StepModel } from './models.js';

export const LEARNING_RATE = 1e-3;
export const WEIGHT_DECAY = 0.01;

/** The initial value of a weight: 1 or 0 for normalisation's, else uniform in +-1/sqrt(fan-in). */
export function initialValue(name: string, shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (name.endsWith('/gamma')) return new Float32Array(count).fill(1);
  if (name.endsWith('/beta')) return new Float32Array(count);
  return between(name, count, 1 / Math.sqrt(shape.length === 1 ? 100 : shape[0]));
}

/** A batch without padding. */
export function batchOf({ name, batch, length }: StepModel) {
  const labels = new Float32Array(batch * CLASSES);
  for (let b = 0; b < batch; b++) labels[b * CLASSES + (b % CLASSES)] = 1;
  return {
    /** [batch, length, CHANNELS] */
    series: normal(name, batch * length * CHANNELS),
    /** [batch, 1] */
    lengths: new Float32Array(batch).fill(length),
    /** One-hot, [batch, CLASSES] */
    labels,
  };
}
