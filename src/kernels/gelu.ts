// Gelu and GeluGrad: exact and tanh form, element by element.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const GELU = 'Gelu';
export const GELU_GRAD = 'GeluGrad';

export interface GeluAttributes {
  /** The tanh form. */
  approximate: boolean;
}

/** The fields of GeluProblem in assembly/nn/gelu.ts, in its order. */
export const geluLayout = {
  x: 'i32',
  dY: 'i32',
  out: 'i32',
  count: 'i32',
  approximate: 'i32',
} as const satisfies Record<string, Field>;

/** Inputs [x], for the gradient [x, dY]; output as x. */
function run(name: 'gelu' | 'geluBackward', { inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, dY] = inputs as unknown as [TensorInfo, TensorInfo?];
  const { approximate } = attrs as unknown as GeluAttributes;
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([out]) => {
    const problem = {
      x: heap.address(x),
      dY: dY ? heap.address(dY) : 0,
      out: heap.address(out),
      count: util.sizeFromShape(x.shape),
      approximate: Number(approximate),
    };
    withFrame(heap, geluLayout, problem, {}, ({ address }) => runTasks(heap, name, address));
  });
}

export const geluConfig: KernelConfig = {
  kernelName: GELU,
  backendName: 'wasm',
  kernelFunc: (call) => run('gelu', call),
};

export const geluGradConfig: KernelConfig = {
  kernelName: GELU_GRAD,
  backendName: 'wasm',
  kernelFunc: (call) => run('geluBackward', call),
};
