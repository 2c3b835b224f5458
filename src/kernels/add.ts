// Add in place of tfjs's where nothing is broadcast: on all threads. tfjs sums up gradients with it.

import { Add, type AddInputs, type KernelConfig, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { type DropoutAttributes, residualConfig } from './dropout.js';
import { tfjsKernel } from './tfjsKernels.js';

const attrs = { rate: 0, seed: 0 } satisfies DropoutAttributes;

/** float32 of one shape: the sum that Residual computes, to the bit; else tfjs's. */
export const addConfig: KernelConfig = {
  kernelName: Add,
  backendName: 'wasm',
  setupFunc: (backend) => tfjsKernel(Add)!.setupFunc?.(backend),
  kernelFunc(call) {
    const { a, b } = call.inputs as Record<keyof AddInputs, TensorInfo>;
    const plain = [a, b].every(({ dtype }) => dtype === 'float32') && util.arraysEqual(a.shape, b.shape);
    if (!plain) return tfjsKernel(Add)!.kernelFunc(call);
    const [sum] = residualConfig.kernelFunc({ ...call, inputs: [a, b] as never, attrs }) as TensorInfo[];
    return sum;
  },
};
