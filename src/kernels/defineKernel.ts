// What every kernel of ours is: a function of a heap, inputs by name and attributes.

import type { KernelConfig, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { OperandChecks } from './operandChecks.js';

/** Inputs by name; those that are undefined are not given. */
export type KernelInputs = Readonly<Record<string, TensorInfo | undefined>>;

/** A kernel, and what it takes. */
export interface Kernel<Inputs extends KernelInputs, Attributes extends object> {
  name: string;
  config: KernelConfig;
  /** The types of its inputs and attributes. */
  compute: Compute<Inputs, Attributes>;
}

/** Checks what it is given, and makes the output, or outputs, on a heap. */
export type Compute<Inputs, Attributes> = (
  heap: Heap,
  inputs: Inputs,
  attributes: Attributes,
  check: OperandChecks,
) => TensorInfo | TensorInfo[];

/**
 * Defines a kernel for tfjs's registry.
 *
 * @param name in the registry
 * @param compute checks what it is given, which may be anything, and makes the output, or outputs; what it throws leaves nothing behind, if it uses heap.computeOutputs
 */
export function defineKernel<Inputs extends KernelInputs, Attributes extends object = object>(
  name: string,
  compute: Compute<Inputs, Attributes>,
): Kernel<Inputs, Attributes> {
  const config: KernelConfig = {
    kernelName: name,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const heap = Heap.of(backend);
      const given = [inputs ?? {}, attrs ?? {}] as unknown as [Inputs, Attributes];
      return compute(heap, ...given, new OperandChecks(heap, name));
    },
  };
  return { name, config, compute };
}
