import * as tf from '@tensorflow/tfjs-core';
import { random } from './random.js';

const SMALLEST_NORMAL = 2 ** -126;

/** Numbers of either sign whose logarithms are uniform from 1e-45, a subnormal number, to 1e3. */
export function logUniform(shape: number[], seed: number): tf.Tensor {
  const rng = random(seed);
  const number = () => (rng.chance(0.5) ? 1 : -1) * 10 ** (-45 + 48 * rng.next());
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, number), shape);
}

/** The subnormal numbers among those of the tensors. */
export function subnormals(tensors: tf.Tensor[]): number[] {
  return tensors.flatMap((tensor) => [...tensor.dataSync()].filter((x) => x !== 0 && Math.abs(x) < SMALLEST_NORMAL));
}
