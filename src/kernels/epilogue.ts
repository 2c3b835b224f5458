// What tfjs's fused operations do after their products: a bias and an activation.

import {
  Add,
  Elu,
  getKernel,
  LeakyRelu,
  type NamedTensorInfoMap,
  Prelu,
  Relu,
  Relu6,
  Sigmoid,
  Tanh,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import type { ActivationName, Product } from './productProblem.js';

/** Activations that a product has. */
const fusable = ['linear', 'relu', 'relu6', 'prelu', 'leakyrelu', 'sigmoid', 'elu'] as const satisfies ActivationName[];

/** Those that may follow an operation that tfjs-core fuses. */
export const composable = [...fusable, 'tanh'] as const;

/** What follows the sums of a product. */
export interface Epilogue extends Pick<Product, 'activation' | 'alpha'> {
  /** float32 [columns]. */
  bias?: TensorInfo;
  /** float32 [columns], for PReLU. */
  slopes?: TensorInfo;
}

export interface FusedAttributes {
  activation: (typeof composable)[number];
  leakyreluAlpha?: number;
}

/** Whether `tensor` is one row for every row of an output with this many columns. */
function isRow(tensor: TensorInfo, columns: number): boolean {
  const { shape, dtype } = tensor;
  return dtype === 'float32' && util.sizeFromShape(shape) === columns && (shape.at(-1) ?? 1) === columns;
}

export type FusedInputs = Record<'bias' | 'preluActivationWeights', TensorInfo | undefined>;

/** As a product of so many columns has it; undefined where it has no such epilogue. */
export function epilogueOf(
  columns: number,
  { bias, preluActivationWeights: slopes }: FusedInputs,
  { activation, leakyreluAlpha: alpha = 0 }: FusedAttributes,
): Epilogue | undefined {
  if (activation === 'tanh' || (bias && !isRow(bias, columns))) return undefined;
  if (activation !== 'prelu') return { bias, activation, alpha };
  return slopes && isRow(slopes, columns) ? { bias, activation, slopes } : undefined;
}

/** tfjs's kernels. */
const activationKernels = {
  relu: Relu,
  relu6: Relu6,
  leakyrelu: LeakyRelu,
  sigmoid: Sigmoid,
  elu: Elu,
  tanh: Tanh,
} as const;

/** Runs tfjs's kernel `name` on `inputs`, `used` among them, and gives `used` back. */
function compose(heap: Heap, name: string, used: TensorInfo, inputs: NamedTensorInfoMap, alpha = 0): TensorInfo {
  try {
    return getKernel(name, 'wasm').kernelFunc({ inputs, backend: heap.backend, attrs: { alpha } }) as TensorInfo;
  } finally {
    heap.dispose(used);
  }
}

/** The epilogue as kernels of its own, of any form that broadcasts; gives `out` back. */
export function applyEpilogue(
  heap: Heap,
  out: TensorInfo,
  { bias, preluActivationWeights: slopes }: FusedInputs,
  { activation, leakyreluAlpha }: FusedAttributes,
): TensorInfo {
  const sum = bias ? compose(heap, Add, out, { a: out, b: bias }) : out;
  if (activation === 'prelu') return compose(heap, Prelu, sum, { x: sum, alpha: slopes! });
  if (activation === 'linear') return sum;
  return compose(heap, activationKernels[activation], sum, { x: sum }, leakyreluAlpha);
}
