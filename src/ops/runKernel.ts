// Kernels of ours as ops call them.

import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import type { Kernel, KernelInputs } from '../kernels/defineKernel.js';
import { given } from '../runtime/gradients.js';

/** The inputs of a kernel as tensors. */
type Tensors<Own extends KernelInputs> = { readonly [Name in keyof Own]: Tensor | Extract<Own[Name], undefined> };

/** Runs a kernel; inputs that are undefined are not given to it. */
export function runKernel<Own extends KernelInputs, Attributes extends object>(
  { name }: Kernel<Own, Attributes>,
  inputs: Tensors<Own>,
  attributes: Attributes,
): Tensor[] {
  const result: Tensor | Tensor[] = tf.engine().runKernel(name, given(inputs), attributes as NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}
