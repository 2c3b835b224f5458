// tfjs's kernels as they should be on wasm: its own where it computes a call rightly, else its plain JavaScript.

import {
  Cumprod,
  Cumsum,
  FusedBatchNorm,
  type KernelConfig,
  type KernelFunc,
  ones,
  type Tensor,
  type TensorInfo,
  zeros,
} from '@tensorflow/tfjs-core';
import { gradientDepth } from '../../runtime/gradients.js';
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

/**
 * `own` with all its inputs where there are gradients: tfjs-core takes each for a tensor then. Its engine puts on its tape the
 * object that it gives to the kernel.
 */
function withScaleAndOffset(own: KernelFunc): KernelFunc {
  return (call) => {
    if (gradientDepth() > 0) {
      const inputs = call.inputs as Partial<Record<string, Tensor>>;
      const { shape } = inputs.mean!;
      inputs.scale ??= ones(shape);
      inputs.offset ??= zeros(shape);
    }
    return own(call);
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

function calledRightly({ kernelName, kernelFunc }: KernelConfig): KernelFunc {
  if (firstAxes.has(kernelName)) return withFirstAxis(kernelFunc);
  return kernelName === FusedBatchNorm ? withScaleAndOffset(kernelFunc) : kernelFunc;
}

/** A kernel of tfjs's for wasm, mended. */
export function mend(config: KernelConfig): KernelConfig {
  const { kernelName } = config;
  const kernelFunc = calledRightly(config);
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
