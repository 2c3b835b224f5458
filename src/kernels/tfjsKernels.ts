// tfjs's own kernels on wasm, as they were before ours took their places.

import { getKernelsForBackend, type KernelConfig } from '@tensorflow/tfjs-core';
import '../runtime/backend.js'; // which brings them

const own = new Map(getKernelsForBackend('wasm').map((config) => [config.kernelName, config]));

/** tfjs's kernel of a name; undefined where it has none on wasm. */
export function tfjsKernel(name: string): KernelConfig | undefined {
  return own.get(name);
}
