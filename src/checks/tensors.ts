// Checks of tensors. Every message names the function, the argument, what it was and what it must be.

import type { Tensor } from '@tensorflow/tfjs-core';
import { formatValue } from './values.js';

/** What `instanceof tf.Tensor` asks in tfjs; here without tfjs, which src/predict does not load. */
function isTensor(value: unknown): value is Tensor {
  const { dataId, shape, dtype } = (value ?? {}) as Partial<Tensor>;
  return dataId != null && shape != null && dtype != null;
}

/** "[2, 3]". */
export function formatShape({ shape }: { shape: readonly number[] }): string {
  return `[${shape.join(', ')}]`;
}

/** A live tensor of one of these dtypes, with the rank of `form`, such as '[B, N]', if given. */
export function checkTensor(owner: string, name: string, value: unknown, dtypes: string[], form?: string): void {
  if (!isTensor(value)) {
    throw new Error(`${owner}: ${name} was ${formatValue(value)}; it must be a tf.Tensor`);
  }
  const tensor: Tensor = value;
  if (tensor.isDisposed) throw new Error(`${owner}: ${name} is disposed; it must be a live tensor`);
  if (!dtypes.includes(tensor.dtype)) {
    throw new Error(`${owner}: ${name} was ${tensor.dtype}; it must be ${dtypes.join(' or ')}`);
  }
  if (form !== undefined && tensor.rank !== form.split(',').length) {
    throw new Error(`${owner}: ${name} was ${formatShape(tensor)}; it must be ${form}`);
  }
}

/** A live float32 tensor of exactly this shape. */
export function checkShape(owner: string, name: string, value: unknown, shape: readonly number[]): void {
  checkTensor(owner, name, value, ['float32']);
  const tensor = value as Tensor;
  if (tensor.rank === shape.length && tensor.shape.every((size, axis) => size === shape[axis])) return;
  throw new Error(`${owner}: ${name} was ${formatShape(tensor)}; it must be [${shape.join(', ')}]`);
}
