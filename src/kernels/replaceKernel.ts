// Kernels of ours in the place of tfjs's own on wasm.

import {
  Conv2D,
  DepthwiseConv2dNative,
  FusedConv2D,
  FusedDepthwiseConv2D,
  getKernelsForBackend,
  type KernelConfig,
  type KernelFunc,
  type NamedAttrMap,
  Prelu,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { tensorsOf } from '../runtime/plain.js';
import { defineKernel, type Kernel, type KernelInputs } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';
import { mend } from './tfjs/mended.js';

/** Kernels of XNNPACK, which packs all their operands but the first, once. */
const packing = new Set([Conv2D, DepthwiseConv2dNative, FusedConv2D, FusedDepthwiseConv2D, Prelu]);

/** A kernel of tfjs's that tells the heap what it keeps copies of. */
function notingCopies(config: KernelConfig): KernelConfig {
  if (!packing.has(config.kernelName)) return config;
  const kernelFunc: KernelFunc = (call) => {
    const heap = Heap.of(call.backend);
    for (const input of tensorsOf(call.inputs).slice(1)) heap.noteCopy(input);
    return config.kernelFunc(call);
  };
  return { ...config, kernelFunc };
}

let own: Map<string, KernelConfig> | undefined;

/** All kernels that tfjs has on wasm, by their names, as they are at the first call: before ours take their places. */
export function tfjsKernels(): ReadonlyMap<string, KernelConfig> {
  return (own ??= new Map(getKernelsForBackend('wasm').map((config) => [config.kernelName, notingCopies(config)])));
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
  let mended: KernelConfig | undefined;
  const replaced = () => (mended ??= mend(tfjsKernels().get(name)!));
  const kernel = defineKernel<Inputs, Attributes>(name, (heap, inputs, attributes, check) =>
    compute(heap, inputs, attributes, check, () => {
      const call = {
        inputs: inputs as Record<string, TensorInfo>,
        attrs: attributes as NamedAttrMap,
        backend: heap.backend,
      };
      return replaced().kernelFunc(call) as TensorInfo;
    }),
  );
  return { ...kernel, config: { ...kernel.config, setupFunc: (backend) => replaced().setupFunc?.(backend) } };
}
