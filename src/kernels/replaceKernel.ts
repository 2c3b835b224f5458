// Kernels of ours in the place of tfjs's own on wasm.

import { getKernelsForBackend, type KernelConfig, type NamedAttrMap, type TensorInfo } from '@tensorflow/tfjs-core';
import '../runtime/backend.js'; // which brings tfjs's
import { Heap } from '../runtime/heap.js';
import { defineKernel, type Kernel, type KernelInputs } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';
import { mend } from './tfjs/mended.js';

const own = new Map(getKernelsForBackend('wasm').map((config) => [config.kernelName, config]));

/** tfjs's kernel of a name, as it was before ours took its place; undefined where it has none on wasm. */
export function tfjsKernel(name: string): KernelConfig | undefined {
  return own.get(name);
}

/** All kernels that tfjs has on wasm. */
export function tfjsKernels(): KernelConfig[] {
  return [...own.values()];
}

/**
 * Defines a kernel that takes the place of tfjs's, and may leave a call to it.
 *
 * @param name of tfjs's kernel
 * @param compute as for defineKernel; `tfjs` runs the replaced kernel on the same call
 */
export function replaceKernel<Inputs extends KernelInputs, Attributes extends object = object>(
  name: string,
  compute: (
    heap: Heap,
    inputs: Inputs,
    attributes: Attributes,
    check: OperandChecks,
    tfjs: () => TensorInfo,
  ) => TensorInfo,
): Kernel<Inputs, Attributes> {
  const replaced = mend(tfjsKernel(name)!);
  const kernel = defineKernel<Inputs, Attributes>(name, (heap, inputs, attributes, check) =>
    compute(heap, inputs, attributes, check, () => {
      const call = {
        inputs: inputs as Record<string, TensorInfo>,
        attrs: attributes as NamedAttrMap,
        backend: heap.backend,
      };
      return replaced.kernelFunc(call) as TensorInfo;
    }),
  );
  return { ...kernel, config: { ...kernel.config, setupFunc: replaced.setupFunc } };
}
