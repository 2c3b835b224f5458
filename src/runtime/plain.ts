// tfjs's kernels in plain JavaScript, those of its 'cpu' backend, on the numbers of the heap: for what is too rare to have a
// kernel in WebAssembly. It relies on how tfjs-backend-cpu 4.22.0 is built.

import {
  backend_util,
  getKernel,
  getKernelsForBackend,
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  Tensor,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { formatValue } from '../checks/values.js';
import { arrays, type HeapMemory } from './memory.js';

/** An input, or a list of them, or several by name, as ops give them to their kernels. */
export type PlainInputs = TensorInfo | undefined | readonly PlainInputs[] | { readonly [name: string]: PlainInputs };

/** Calls so far, by kernel. */
export const plainCalls = new Map<string, number>();

/** Whether tfjs has the kernel in plain JavaScript. */
export function hasPlainKernel(name: string): boolean {
  return getKernel(name, 'cpu') !== undefined;
}

/** All kernels that tfjs has in plain JavaScript. */
export function plainKernels(): KernelConfig[] {
  return getKernelsForBackend('cpu');
}

/** A backend for one call: what is left on it goes with it. */
function makeBackend(): MathBackendCPU {
  const cpu = new MathBackendCPU();
  // Its first use prints that there are faster ones.
  Object.assign(cpu, { firstUse: false });
  return cpu;
}

const isTensor = (input: object): input is TensorInfo => 'dataId' in input;

/** All tensors among inputs. */
export function tensorsOf(inputs: PlainInputs): TensorInfo[] {
  if (inputs === undefined || inputs === null) return [];
  if (typeof inputs !== 'object') {
    throw new Error(`a kernel's input was ${formatValue(inputs)}; it must be a tensor`);
  }
  return isTensor(inputs) ? [inputs] : Object.values(inputs).flatMap(tensorsOf);
}

/** Inputs in the same order and under the same names, each as `bring` gives it. */
function mapInputs(inputs: PlainInputs, bring: (tensor: TensorInfo) => TensorInfo): PlainInputs {
  if (inputs === undefined || inputs === null) return undefined;
  if (Array.isArray(inputs)) return inputs.map((input: PlainInputs) => mapInputs(input, bring));
  if (isTensor(inputs)) return bring(inputs);
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, mapInputs(input, bring)]));
}

function bring(cpu: MathBackendCPU, heap: HeapMemory, { dataId, shape, dtype }: TensorInfo): TensorInfo {
  const values = heap.backend.readSync(dataId);
  if (dtype !== 'complex64') return cpu.makeTensorInfo(shape, dtype, values);
  const { real, imag } = backend_util.splitRealAndImagArrays(values as Float32Array);
  const tensor = cpu.makeTensorInfo(shape, dtype);
  cpu.data.get(tensor.dataId).complexTensorInfos = {
    real: cpu.makeTensorInfo(shape, 'float32', real),
    imag: cpu.makeTensorInfo(shape, 'float32', imag),
  };
  return tensor;
}

function take(cpu: MathBackendCPU, heap: HeapMemory, output: TensorInfo): TensorInfo {
  const { dataId, shape, dtype } = output;
  const values = cpu.readSync(dataId);
  // Some kernels make a tensor of their own.
  if (output instanceof Tensor) output.dispose();
  if (dtype === 'string') return heap.backend.makeOutput(shape, dtype, undefined, values);
  const [out] = heap.computeOutputs([{ shape, dtype }], ([tensor]) => {
    const numbers = values as Float32Array;
    // A kernel may leave numbers in an array of another type.
    const { buffer, byteOffset, byteLength } = numbers instanceof arrays[dtype] ? numbers : arrays[dtype].from(numbers);
    heap.uint8(heap.address(tensor), byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
  });
  return out;
}

/**
 * Runs a kernel of tfjs's 'cpu' backend on tensors of the heap.
 *
 * @returns its output, or outputs, on the heap. Throws what the kernel throws, and OutOfMemoryError.
 */
export function runPlain(
  heap: HeapMemory,
  name: string,
  inputs: PlainInputs,
  attrs: NamedAttrMap,
): TensorInfo | TensorInfo[] {
  plainCalls.set(name, (plainCalls.get(name) ?? 0) + 1);
  const cpu = makeBackend();
  const brought = mapInputs(inputs, (input) => {
    // Some kernels read the rank, which tensors have.
    return { ...bring(cpu, heap, input), rank: input.shape.length };
  });
  const outputs = getKernel(name, 'cpu').kernelFunc({ inputs: brought as NamedTensorInfoMap, attrs, backend: cpu });
  if (!Array.isArray(outputs)) return take(cpu, heap, outputs);
  const taken: TensorInfo[] = [];
  try {
    for (const output of outputs) taken.push(take(cpu, heap, output));
    return taken;
  } catch (error) {
    for (const output of taken) heap.dispose(output);
    throw error;
  }
}
