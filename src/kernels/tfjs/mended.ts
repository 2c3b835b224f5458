// tfjs's kernels as they should be on wasm: its own where it computes a call rightly, else its plain JavaScript.

import type { KernelConfig, KernelFunc } from '@tensorflow/tfjs-core';
import { Heap } from '../../runtime/heap.js';
import { hasPlainKernel, plainKernels, runPlain, tensorsOf } from '../../runtime/plain.js';
import { isWithin } from './limits.js';

function makeKernelFunc(name: string, own: KernelFunc): KernelFunc {
  return (call) => {
    const attributes = (call.attrs ?? {}) as Readonly<Record<string, unknown>>;
    const heap = Heap.of(call.backend);
    if (isWithin(name, { heap, inputs: tensorsOf(call.inputs), attributes })) return own(call);
    return runPlain(heap, name, call.inputs, call.attrs ?? {});
  };
}

/** A kernel of tfjs's for wasm, mended. */
export function mend(config: KernelConfig): KernelConfig {
  const { kernelName, kernelFunc } = config;
  return hasPlainKernel(kernelName) ? { ...config, kernelFunc: makeKernelFunc(kernelName, kernelFunc) } : config;
}

/** Kernels that tfjs has in plain JavaScript only, but for those in `present`. */
export function plainOnly(present: ReadonlySet<string>): KernelConfig[] {
  return plainKernels()
    .filter(({ kernelName }) => !present.has(kernelName))
    .map(({ kernelName }) => ({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs, backend }) => runPlain(Heap.of(backend), kernelName, inputs, attrs ?? {}),
    }));
}
