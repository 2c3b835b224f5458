// Einsum as a product of matrices: tfjs has it in plain JavaScript only, which sums up wrongly where a label is in one
// operand and not in the result.

import {
  backend_util,
  BatchMatMul,
  Einsum,
  type EinsumAttrs,
  getKernel,
  type NamedAttrMap,
  Reshape,
  Sum,
  type Tensor,
  type TensorInfo,
  Transpose,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { runPlain } from '../../runtime/plain.js';
import { defineKernel } from '../defineKernel.js';
import { anyTypes } from '../operandChecks.js';

/** An operand, and a label for each of its dimensions. */
interface Labelled {
  labels: string;
  tensor: TensorInfo;
}

/** Labels of an equation: of each operand, and of the result. Throws as tfjs does. */
function readEquation(equation: string, operands: TensorInfo[]): { inputs: string[]; output: string } {
  const { allDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
  backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as Tensor[]);
  const [inputs, output] = equation.replaceAll(/\s/g, '').split('->');
  return { inputs: inputs.split(','), output };
}

/** Runs kernels whose results live as long as the call. */
class Steps {
  private readonly made: TensorInfo[] = [];

  constructor(private readonly heap: Heap) {}

  run(name: string, inputs: Record<string, TensorInfo>, attrs: NamedAttrMap): TensorInfo {
    const result = getKernel(name, 'wasm').kernelFunc({ inputs, attrs, backend: this.heap.backend }) as TensorInfo;
    this.made.push(result);
    return result;
  }

  /** Gives all back but `kept`. */
  end(kept?: TensorInfo): void {
    const index = kept ? this.made.lastIndexOf(kept) : -1;
    this.made.forEach((tensor, i) => {
      if (i !== index) this.heap.dispose(tensor);
    });
  }
}

/** Sums over the labels that are not among `wanted`. */
function sumOver(steps: Steps, { labels, tensor }: Labelled, wanted: string): Labelled {
  const axis = [...labels].flatMap((label, at) => (wanted.includes(label) ? [] : [at]));
  if (axis.length === 0) return { labels, tensor };
  // The kernel sums over the last dimensions.
  const kept = [...labels].filter((label) => wanted.includes(label)).join('');
  const dropped = axis.map((at) => labels[at]).join('');
  const { tensor: x } = arrange(steps, { labels, tensor }, kept + dropped);
  const axes = axis.map((_, i) => kept.length + i);
  return { labels: kept, tensor: steps.run(Sum, { x }, { axis: axes, keepDims: false }) };
}

/** The dimensions in the order of `labels`. */
function arrange(steps: Steps, { labels: own, tensor: x }: Labelled, labels: string): Labelled {
  if (own === labels) return { labels, tensor: x };
  const perm = [...labels].map((label) => own.indexOf(label));
  return { labels, tensor: steps.run(Transpose, { x }, { perm }) };
}

/** The labels of `a` that are in `b` or, with `without`, not there. */
const common = (a: string, b: string) => [...a].filter((label) => b.includes(label)).join('');
const without = (a: string, b: string) => [...a].filter((label) => !b.includes(label)).join('');

function multiply(steps: Steps, a: Labelled, b: Labelled, output: string): Labelled {
  const batch = common(common(a.labels, b.labels), output);
  const summed = without(common(a.labels, b.labels), output);
  const [aOnly, bOnly] = [without(a.labels, b.labels), without(b.labels, a.labels)];
  const size = (one: Labelled, labels: string) =>
    util.sizeFromShape([...labels].map((label) => one.tensor.shape[one.labels.indexOf(label)]));
  const matrices = (one: Labelled, rows: string, columns: string) => {
    const { tensor: x } = arrange(steps, one, batch + rows + columns);
    return steps.run(Reshape, { x }, { shape: [size(one, batch), size(one, rows), size(one, columns)] });
  };
  const inputs = { a: matrices(a, aOnly, summed), b: matrices(b, summed, bOnly) };
  const x = steps.run(BatchMatMul, inputs, { transposeA: false, transposeB: false });
  const shape = [...batch, ...aOnly].map((label) => a.tensor.shape[a.labels.indexOf(label)]);
  shape.push(...[...bOnly].map((label) => b.tensor.shape[b.labels.indexOf(label)]));
  return { labels: batch + aOnly + bOnly, tensor: steps.run(Reshape, { x }, { shape }) };
}

export const einsumKernel = defineKernel<Record<string, TensorInfo>, EinsumAttrs>(
  Einsum,
  (heap, operands, { equation }, check) => {
    const tensors = Object.values(operands);
    tensors.forEach((tensor, i) => check.tensor(`operand ${i}`, tensor, '[...]', anyTypes));
    if (tensors.some(({ dtype }) => dtype !== 'float32' && dtype !== 'int32')) {
      return runPlain(heap, Einsum, operands, { equation });
    }
    const { inputs, output } = readEquation(equation, tensors);
    const steps = new Steps(heap);
    let result: TensorInfo | undefined;
    try {
      const [a, b] = tensors.map((tensor, i): Labelled => {
        const others = inputs.filter((_, other) => other !== i).join('');
        return sumOver(steps, { labels: inputs[i], tensor }, output + others);
      });
      const joined = b ? multiply(steps, a, b, output) : a;
      const { tensor: x } = arrange(steps, joined, output);
      // A tensor of its own, also where nothing had to be done.
      result = steps.run(Reshape, { x }, { shape: x.shape });
      return result;
    } finally {
      steps.end(result);
    }
  },
);
