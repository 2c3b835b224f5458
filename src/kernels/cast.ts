// Cast in place of tfjs's, which copies even where there is nothing to cast: the gradient of Identity is such a Cast.

import { Cast, type CastAttrs, type CastInputs, type KernelConfig, type TensorInfo } from '@tensorflow/tfjs-core';
import { shareData } from './identity.js';
import { tfjsKernel } from './tfjsKernels.js';

/** The same data once more where the type stays; else tfjs's. */
export const castConfig: KernelConfig = {
  kernelName: Cast,
  backendName: 'wasm',
  kernelFunc(call) {
    const { x } = call.inputs as Record<keyof CastInputs, TensorInfo>;
    const { dtype } = call.attrs as unknown as CastAttrs;
    return dtype === x.dtype ? shareData(call.backend, x) : tfjsKernel(Cast)!.kernelFunc(call);
  },
};
