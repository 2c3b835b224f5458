// Kernels of ours as ops call them.

import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { formatValue } from '../checks/values.js';
import type { Kernel, KernelInputs } from '../kernels/defineKernel.js';
import { given } from '../runtime/gradients.js';

/** The inputs of a kernel as tensors. */
type Tensors<Own extends KernelInputs> = { readonly [Name in keyof Own]: Tensor | Extract<Own[Name], undefined> };

/** Throws Error that names the operation, and the backend that it needs, where the active one does not have its kernel. */
export function checkBackend(owner: string, { name }: { name: string }): void {
  const backend = tf.getBackend();
  if (tf.getKernel(name, backend)) return;
  throw new Error(`${owner}: tfjs's backend was ${formatValue(backend)}; it must be 'wasm', started by await init()`);
}

/** Runs a kernel; inputs that are undefined are not given to it. */
export function runKernel<Own extends KernelInputs, Attributes extends object>(
  { name }: Kernel<Own, Attributes>,
  inputs: Tensors<Own>,
  attributes: Attributes,
): Tensor[] {
  checkBackend(name, { name });
  const result: Tensor | Tensor[] = tf.engine().runKernel(name, given(inputs), attributes as NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}
