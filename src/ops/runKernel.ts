// Kernels with a varying number of inputs.

import * as tf from '@tensorflow/tfjs-core';
import type { NamedAttrMap, NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/** Runs a kernel on a list of inputs, which tfjs takes as well as named ones, but its types do not know. */
export function runKernel(name: string, inputs: Tensor[], attributes: object): Tensor[] {
  const result: Tensor | Tensor[] = tf
    .engine()
    .runKernel(name, inputs as unknown as NamedTensorMap, attributes as NamedAttrMap);
  return Array.isArray(result) ? result : [result];
}
