// HeadsAttention and HeadsAttentionGrad: attention over heads that lie side by side, as a projection gives them. Operands
// are columns of its result, so that nothing is transposed or copied between [B, N, H D] and [B, H, N, D].

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { sumParts } from './attention.js';
import {
  type AttentionAttributes,
  type AttentionOperands,
  attentionScratch,
  type Rows,
  runAttention,
} from './attentionProblem.js';

export const HEADS_ATTENTION = 'HeadsAttention';
export const HEADS_ATTENTION_GRAD = 'HeadsAttentionGrad';

/** The heads of an operand side by side: from this column of this projection on. */
export interface Columns {
  projection: number;
  column: number;
}

/** Neighbouring heads with keys and values of one length. */
export interface HeadsRun {
  heads: number;
  q: Columns;
  k: Columns;
  v: Columns;
  attributes: AttentionAttributes;
}

export interface HeadsAttentionAttributes {
  /** Width of a head's queries and keys, and of its values. */
  headWidth: number;
  valueWidth: number;
  /** Heads 0 .. H - 1 in order. */
  runs: HeadsRun[];
  /** How many of the inputs are projections; then comes the mask, then beta. */
  projections: number;
  hasMask: boolean;
  hasBeta: boolean;
}

interface Call {
  heap: Heap;
  attributes: HeadsAttentionAttributes;
  projections: TensorInfo[];
  mask?: TensorInfo;
  beta?: TensorInfo;
}

/** All heads together. */
function headsOf({ runs }: HeadsAttentionAttributes): number {
  return runs.reduce((sum, { heads }) => sum + heads, 0);
}

function callOf(inputs: TensorInfo[], backend: unknown, attributes: HeadsAttentionAttributes): Call {
  const projections = inputs.slice(0, attributes.projections);
  const [first, second] = inputs.slice(attributes.projections);
  const { hasMask, hasBeta } = attributes;
  const mask = hasMask ? first : undefined;
  const beta = hasBeta ? (hasMask ? second : first) : undefined;
  return { heap: Heap.of(backend), attributes, projections, mask, beta };
}

/** Rows of heads of `width` side by side, in a tensor [B, rows, columns] at `address`. */
function rowsOf([, rows, columns]: readonly number[], address: number, column: number, width: number): Rows {
  return { address: address + 4 * column, strides: [rows * columns, width, columns] };
}

/** Where results are, or will be: out [B, N, H E], rowStates, and in the backward pass the gradients. */
interface Places {
  out: number;
  rowStates: number;
  gradients?: { dOut: number; projections: number[]; dBeta: number };
}

/** Operands of each run, in the order of the heads. */
function runsOf({ heap, attributes, projections, mask, beta }: Call, places: Places): AttentionOperands[] {
  const { headWidth, valueWidth, runs } = attributes;
  const all = headsOf(attributes);
  let head = 0;
  return runs.map(({ heads, q, k, v }) => {
    const [batch, queries] = projections[q.projection].shape;
    const keys = projections[k.projection].shape[1];
    const rows = ({ projection, column }: Columns, width: number) =>
      rowsOf(projections[projection].shape, heap.address(projections[projection]), column, width);
    const gradient = ({ projection, column }: Columns) => places.gradients!.projections[projection] + 4 * column;
    const column = 4 * head * valueWidth;
    const states = 4 * 2 * batch * head * queries;
    const parts = 4 * batch * head;
    head += heads;
    return {
      sizes: { batch, heads, keyHeads: heads, queries, keys, headWidth, valueWidth },
      q: rows(q, headWidth),
      k: rows(k, headWidth),
      v: rows(v, valueWidth),
      out: { address: places.out + column, strides: [queries * all * valueWidth, valueWidth, all * valueWidth] },
      rowStates: places.rowStates + states,
      ...{ mask, beta },
      ...(places.gradients && {
        gradients: {
          dOut: places.gradients.dOut + column,
          ...{ dQ: gradient(q), dK: gradient(k), dV: gradient(v) },
          dBeta: places.gradients.dBeta && places.gradients.dBeta + parts,
        },
      }),
    };
  });
}

/** Scratch of the run that takes most. */
function scratchOf(call: Call, places: Places): number {
  const { runs } = call.attributes;
  return Math.max(
    ...runsOf(call, places).map((operands, index) => attentionScratch(call.heap, operands, runs[index].attributes)),
  );
}

/** Inputs [...projections [B, N, columns], mask?, beta?]; outputs [out [B, N, H E], rowStates [2 B H N]]. */
function headsAttention({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const attributes = attrs as unknown as HeadsAttentionAttributes;
  const call = callOf(inputs as unknown as TensorInfo[], backend, attributes);
  const { heap, projections } = call;
  const [batch, queries] = projections[attributes.runs[0].q.projection].shape;
  const heads = headsOf(attributes);
  const outputs = [
    { shape: [batch, queries, heads * attributes.valueWidth], dtype: 'float32' as const },
    { shape: [2 * batch * heads * queries], dtype: 'float32' as const },
  ];
  const fill = ([out, rowStates]: TensorInfo[]) =>
    runsOf(call, { out: heap.address(out), rowStates: heap.address(rowStates) }).forEach((operands, index) =>
      runAttention(heap, operands, attributes.runs[index].attributes),
    );
  return heap.computeOutputs(outputs, fill, scratchOf(call, { out: 0, rowStates: 0 }));
}

/** Inputs [out, rowStates, dOut, ...projections, mask?, beta?]; outputs [...dProjections, dBeta?]. */
function headsAttentionGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const attributes = attrs as unknown as HeadsAttentionAttributes;
  const [out, rowStates, dOut, ...others] = inputs as unknown as TensorInfo[];
  const call = callOf(others, backend, attributes);
  const { heap, projections, beta } = call;
  const places = { out: heap.address(out), rowStates: heap.address(rowStates) };
  const run = (tensors: TensorInfo[], dBeta: number) => {
    const gradients = { dOut: heap.address(dOut), projections: tensors.map((tensor) => heap.address(tensor)), dBeta };
    runsOf(call, { ...places, gradients }).forEach((operands, index) =>
      runAttention(heap, operands, attributes.runs[index].attributes),
    );
  };
  const fill = (tensors: TensorInfo[]) => {
    const parts = out.shape[0] * headsOf(attributes);
    if (beta) sumParts(heap, tensors.at(-1)!, parts, (address) => run(tensors, address));
    else run(tensors, 0);
  };
  const none = { dOut: 0, projections: projections.map(() => 0), dBeta: 0 };
  const bytes = scratchOf(call, { ...places, gradients: none });
  return heap.computeOutputs([...projections, ...(beta ? [beta] : [])], fill, bytes);
}

export const headsAttentionConfig: KernelConfig = {
  kernelName: HEADS_ATTENTION,
  backendName: 'wasm',
  kernelFunc: headsAttention,
};

export const headsAttentionGradConfig: KernelConfig = {
  kernelName: HEADS_ATTENTION_GRAD,
  backendName: 'wasm',
  kernelFunc: headsAttentionGrad,
};
