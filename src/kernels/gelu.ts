// Gelu and GeluGrad: exact and tanh form, element by element.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/backend.js';
import { kernelsOn } from '../runtime/builds.js';

export const GELU = 'Gelu';
export const GELU_GRAD = 'GeluGrad';

export interface GeluAttributes {
  /** The tanh form. */
  approximate: boolean;
}

/** Inputs [x]; output as x. */
function gelu({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x] = inputs as unknown as TensorInfo[];
  const { approximate } = attrs as unknown as GeluAttributes;
  const heap = Heap.of(backend);
  const kernels = kernelsOn(heap);
  return heap.computeOutputs([x], ([y]) => {
    heap.withScratch(kernels.geluScratch(), (scratch) => {
      const count = util.sizeFromShape(x.shape);
      kernels.gelu(heap.address(y), heap.address(x), count, Number(approximate), scratch);
    });
  });
}

/** Inputs [x, dY]; output [dX]. */
function geluGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, dY] = inputs as unknown as TensorInfo[];
  const { approximate } = attrs as unknown as GeluAttributes;
  const heap = Heap.of(backend);
  const kernels = kernelsOn(heap);
  return heap.computeOutputs([x], ([dX]) => {
    heap.withScratch(kernels.geluScratch(), (scratch) => {
      const [to, from, gradient] = [dX, x, dY].map((tensor) => heap.address(tensor));
      kernels.geluBackward(to, from, gradient, util.sizeFromShape(x.shape), Number(approximate), scratch);
    });
  });
}

export const geluConfig: KernelConfig = { kernelName: GELU, backendName: 'wasm', kernelFunc: gelu };

export const geluGradConfig: KernelConfig = { kernelName: GELU_GRAD, backendName: 'wasm', kernelFunc: geluGrad };
