// FusedAttention and FusedAttentionGrad: every attention of the family in one call each, over assembly/attention. Heads
// are read where they lie in the inputs: in a tensor of their own each, or side by side as a projection gives them, so that
// nothing is transposed or copied between [B, N, H D] and [B, H, N, D].

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { checkAttention } from './attentionChecks.js';
import {
  type AttentionFields,
  type AttentionOperands,
  attentionScratch,
  type AttentionSizes,
  runAttention,
  type Rows,
} from './attentionProblem.js';
import { defineKernel, type KernelInputs } from './defineKernel.js';

/** Where the rows of some heads lie in a tensor, in elements. */
export interface HeadsView {
  offset: number;
  strides: Rows['strides'];
}

/** The same, and in which of the inputs. */
export interface OperandView extends HeadsView {
  input: string;
}

/** Neighbouring heads with keys and values of one length. */
export interface HeadsRun {
  sizes: AttentionSizes;
  q: OperandView;
  k: OperandView;
  v: OperandView;
  /** In the output. */
  out: HeadsView;
  fields: AttentionFields;
}

export interface FusedAttentionAttributes {
  /** Names of the inputs that hold queries, keys and values, and nothing else. */
  operands: string[];
  /** Heads 0 .. H - 1 in order. */
  runs: HeadsRun[];
  /** Of the output, float32. */
  shape: number[];
}

interface SharedInputs {
  mask?: TensorInfo | undefined;
  beta?: TensorInfo | undefined;
}

/** Where results are, or will be. */
interface Places {
  out: number;
  rowStates: number;
  /** In the backward pass: of dOut, of the gradient of each input by its name, of the parts of that of beta, if any. */
  gradients?: { dOut: number; of: (input: string) => number; dBeta: number };
}

const FLOAT = 4;

/** Numbers that a run has in the row states, and in the parts of beta's gradient. */
const statesOf = ({ batch, heads, queries }: AttentionSizes) => 2 * batch * heads * queries;
const partsOf = ({ batch, keyHeads }: AttentionSizes) => batch * keyHeads;

const total = (runs: HeadsRun[], count: (sizes: AttentionSizes) => number) =>
  runs.reduce((sum, { sizes }) => sum + count(sizes), 0);

/** The operands of each run, in the order of the heads. */
function operandsOf(
  heap: Heap,
  inputs: KernelInputs & SharedInputs,
  { runs }: FusedAttentionAttributes,
  places: Places,
): AttentionOperands[] {
  const { mask, beta } = inputs;
  const { out, gradients } = places;
  let { rowStates } = places;
  let dBeta = gradients?.dBeta ?? 0;
  return runs.map(({ sizes, q, k, v, out: view }) => {
    const rows = ({ input, offset, strides }: OperandView): Rows => {
      return { address: heap.address(inputs[input]!) + FLOAT * offset, strides };
    };
    const gradientOf = ({ input, offset }: OperandView) => gradients!.of(input) + FLOAT * offset;
    const operands = {
      ...{ sizes, q: rows(q), k: rows(k), v: rows(v), rowStates, mask, beta },
      out: { address: out + FLOAT * view.offset, strides: view.strides },
      ...(gradients && {
        gradients: {
          dOut: gradients.dOut + FLOAT * view.offset,
          ...{ dQ: gradientOf(q), dK: gradientOf(k), dV: gradientOf(v), dBeta },
        },
      }),
    };
    rowStates += FLOAT * statesOf(sizes);
    if (dBeta) dBeta += FLOAT * partsOf(sizes);
    return operands;
  });
}

/** Runs all runs. */
function runAll(heap: Heap, inputs: KernelInputs, attributes: FusedAttentionAttributes, places: Places): void {
  operandsOf(heap, inputs, attributes, places).forEach((operands, index) =>
    runAttention(heap, operands, attributes.runs[index].fields),
  );
}

/** Scratch of the run that takes most. */
function scratchOf(heap: Heap, inputs: KernelInputs, attributes: FusedAttentionAttributes, places: Places): number {
  const all = operandsOf(heap, inputs, attributes, places);
  return Math.max(...all.map((operands, index) => attentionScratch(heap, operands, attributes.runs[index].fields)));
}

/** The operands by their names, mask, beta; outputs [out, rowStates: maxima, factors of the sums of each run's rows]. */
export const fusedAttentionKernel = defineKernel<KernelInputs & SharedInputs, FusedAttentionAttributes>(
  'FusedAttention',
  (heap, inputs, attributes, check) => {
    checkAttention(check, inputs, attributes);
    const outputs = [attributes.shape, [total(attributes.runs, statesOf)]].map((shape) => {
      return { shape, dtype: 'float32' as const };
    });
    const fill = ([out, rowStates]: TensorInfo[]) =>
      runAll(heap, inputs, attributes, { out: heap.address(out), rowStates: heap.address(rowStates) });
    return heap.computeOutputs(outputs, fill, scratchOf(heap, inputs, attributes, { out: 0, rowStates: 0 }));
  },
);

/** Outputs: the gradients of the operands in the order of their names, and that of beta. */
export const fusedAttentionGradKernel = defineKernel<
  KernelInputs & SharedInputs & Record<'out' | 'rowStates' | 'dOut', TensorInfo>,
  FusedAttentionAttributes
>('FusedAttentionGrad', (heap, inputs, attributes, check) => {
  checkAttention(check, inputs, attributes);
  const { out, rowStates, dOut, beta } = inputs;
  const { operands, runs, shape } = attributes;
  check.shaped('out', out, shape);
  check.shaped('dOut', dOut, shape);
  const states = util.sizeFromShape(check.tensor('rowStates', rowStates));
  const most = total(runs, statesOf);
  if (states !== most) check.refuse('rowStates', `${states} numbers`, `${most} numbers`);
  const places = { out: heap.address(out), rowStates: heap.address(rowStates) };
  const run = (gradients: TensorInfo[], dBeta: number) => {
    const of = (input: string) => heap.address(gradients[operands.indexOf(input)]);
    runAll(heap, inputs, attributes, { ...places, gradients: { dOut: heap.address(dOut), of, dBeta } });
  };
  const fill = (gradients: TensorInfo[]) => {
    if (!beta) return run(gradients, 0);
    const parts = total(runs, partsOf);
    heap.withScratch(FLOAT * parts, (dBeta) => {
      heap.float32(dBeta, parts).fill(0);
      run(gradients, dBeta);
      const sum = heap.float32(dBeta, parts).reduce((all, part) => all + part, 0);
      heap.float32(heap.address(gradients.at(-1)!), 1)[0] = sum;
    });
  };
  const nowhere = { ...places, gradients: { dOut: 0, of: () => 0, dBeta: 0 } };
  const outputs = [...operands.map((name) => inputs[name]!), ...(beta ? [beta] : [])];
  return heap.computeOutputs(outputs, fill, scratchOf(heap, inputs, attributes, nowhere));
});
