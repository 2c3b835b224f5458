// Dropout, and Residual: the sum of a tensor and a branch after dropout.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const DROPOUT = 'SeededDropout';
export const RESIDUAL = 'Residual';

export interface DropoutAttributes {
  /** Probability that an element is dropped. */
  rate: number;
  /** Any integer: what is dropped depends on it, and on an element's index, only. */
  seed: number;
}

/** The fields of DropoutProblem in assembly/nn/dropout.ts, in its order. */
export const dropoutLayout = {
  x: 'i32',
  base: 'i32',
  out: 'i32',
  count: 'i32',
  seed: 'i32',
  keepFrom: 'i32',
  factor: 'f32',
} as const satisfies Record<string, Field>;

function run({ backend, attrs }: Parameters<KernelFunc>[0], x: TensorInfo, base?: TensorInfo): TensorInfo[] {
  const { rate, seed } = attrs as unknown as DropoutAttributes;
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([out]) => {
    const problem = {
      ...{ x: heap.address(x), base: base && heap.address(base), out: heap.address(out), seed },
      count: util.sizeFromShape(x.shape),
      keepFrom: Math.floor(2 ** 32 * rate) - 2 ** 31,
      factor: 1 / (1 - rate),
    };
    withFrame(heap, dropoutLayout, problem, {}, ({ address }) => runTasks(heap, 'dropout', address));
  });
}

/** Input [x]; output as x: some elements 0, the others divided by 1 - rate. */
export const dropoutConfig: KernelConfig = {
  kernelName: DROPOUT,
  backendName: 'wasm',
  kernelFunc(call) {
    const [x] = call.inputs as unknown as TensorInfo[];
    return run(call, x);
  },
};

/** Inputs [x, branch], of one shape; output [x + dropout(branch)]. */
export const residualConfig: KernelConfig = {
  kernelName: RESIDUAL,
  backendName: 'wasm',
  kernelFunc(call) {
    const [x, branch] = call.inputs as unknown as TensorInfo[];
    return run(call, branch, x);
  },
};
