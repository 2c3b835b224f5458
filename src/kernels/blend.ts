// Blend: a weighted sum of two tensors.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const BLEND = 'Blend';

/** Factors of the first and the second input. */
export interface BlendAttributes {
  a: number;
  b: number;
}

/** The fields of BlendProblem in assembly/nn/blend.ts, in its order. */
export const blendLayout = {
  x: 'i32',
  y: 'i32',
  out: 'i32',
  count: 'i32',
  a: 'f32',
  b: 'f32',
} as const satisfies Record<string, Field>;

/** Inputs [x, y], of one shape; output [a x + b y]. */
function blend({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, y] = inputs as unknown as TensorInfo[];
  const { a, b } = attrs as unknown as BlendAttributes;
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([out]) => {
    const addresses = { x: heap.address(x), y: heap.address(y), out: heap.address(out) };
    const problem = { ...addresses, count: util.sizeFromShape(x.shape), a, b };
    withFrame(heap, blendLayout, problem, {}, ({ address }) => runTasks(heap, 'blend', address));
  });
}

export const blendConfig: KernelConfig = { kernelName: BLEND, backendName: 'wasm', kernelFunc: blend };
