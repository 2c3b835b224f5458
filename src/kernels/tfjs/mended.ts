// tfjs's kernels as they should be on wasm: its own where it computes a call rightly, else its plain JavaScript.

import { Cumprod, Cumsum, type KernelConfig, type KernelFunc, type TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../../runtime/heap.js';
import { hasPlainKernel, plainKernels, runPlain, tensorsOf } from '../../runtime/plain.js';
import { isWithin } from './limits.js';

/** Kernels that take an axis from 0 up only, where operations take one that is counted from the end. */
const firstAxes = new Set([Cumprod, Cumsum]);

/** `own` with the axis as it wants it. */
function withFirstAxis(own: KernelFunc): KernelFunc {
  return (call) => {
    const { axis } = call.attrs as { axis: number };
    const { length: rank } = (call.inputs.x as TensorInfo).shape;
    return own({ ...call, attrs: { ...call.attrs, axis: axis < 0 ? axis + rank : axis } });
  };
}

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
  const { kernelName } = config;
  const kernelFunc = firstAxes.has(kernelName) ? withFirstAxis(config.kernelFunc) : config.kernelFunc;
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
