// Identity in place of tfjs's, which copies. Every tensor that an op saves for its gradient goes through it.

import {
  Identity,
  type IdentityInputs,
  type KernelBackend,
  type KernelConfig,
  tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';

/** The same data once more, as tfjs's Reshape gives it: tensors never change, and their data counts its owners. */
export function shareData(backend: unknown, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  const owner = backend as KernelBackend;
  // tfjs counts the bytes of strings once for each tensor.
  if (dtype === 'string') return tensor(owner.readSync(dataId) as Uint8Array[], shape, dtype);
  owner.incRef(dataId);
  return { dataId, shape, dtype };
}

export const identityConfig: KernelConfig = {
  kernelName: Identity,
  backendName: 'wasm',
  kernelFunc: ({ inputs, backend }) => shareData(backend, (inputs as Record<keyof IdentityInputs, TensorInfo>).x),
};
