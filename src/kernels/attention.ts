// FusedAttention and FusedAttentionGrad: every attention of the family in one call each, over assembly/attention.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import {
  type AttentionAttributes,
  type AttentionOperands,
  attentionScratch,
  contiguous,
  runAttention,
} from './attentionProblem.js';

export const FUSED_ATTENTION = 'FusedAttention';
export const FUSED_ATTENTION_GRAD = 'FusedAttentionGrad';

/** The attributes, and what the list of inputs holds behind the others. */
export interface FusedAttentionAttributes extends AttentionAttributes {
  hasMask: boolean;
  hasBeta: boolean;
}

/** Operands that both passes have, from q [B,H,N,D], k [B,G,M,D], v [B,G,M,E] and what is behind them. */
function operandsOf(
  heap: Heap,
  [q, k, v]: TensorInfo[],
  [mask, beta]: TensorInfo[],
  { hasMask, hasBeta }: FusedAttentionAttributes,
): Omit<AttentionOperands, 'out' | 'rowStates'> {
  const [batch, heads, queries, headWidth] = q.shape;
  const [, keyHeads, keys, valueWidth] = v.shape;
  return {
    sizes: { batch, heads, keyHeads, queries, keys, headWidth, valueWidth },
    q: contiguous(heap.address(q), q.shape),
    k: contiguous(heap.address(k), k.shape),
    v: contiguous(heap.address(v), v.shape),
    mask: hasMask ? mask : undefined,
    beta: hasBeta ? (hasMask ? beta : mask) : undefined,
  };
}

const nowhere = { address: 0, strides: [0, 0, 0] } as const;

/** Inputs [q, k, v, mask?, beta?]; outputs [out [B,H,N,E], rowStates [2,B,H,N]: maxima, factors of the sums]. */
function fusedAttention({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const attributes = attrs as unknown as FusedAttentionAttributes;
  const [q, k, v, ...others] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  const operands = operandsOf(heap, [q, k, v], others, attributes);
  const { batch, heads, queries, valueWidth } = operands.sizes;
  const outputs = [
    { shape: [batch, heads, queries, valueWidth], dtype: 'float32' as const },
    { shape: [2, batch, heads, queries], dtype: 'float32' as const },
  ];
  const bytes = attentionScratch(heap, { ...operands, out: nowhere, rowStates: 0 }, attributes);
  const fill = ([out, rowStates]: TensorInfo[]) =>
    runAttention(
      heap,
      { ...operands, out: contiguous(heap.address(out), out.shape), rowStates: heap.address(rowStates) },
      attributes,
    );
  return heap.computeOutputs(outputs, fill, bytes);
}

/** Inputs [q, k, v, out, rowStates, dOut, mask?, beta?]; outputs [dQ, dK, dV, dBeta?], shaped as q, k, v, beta. */
function fusedAttentionGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const attributes = attrs as unknown as FusedAttentionAttributes;
  const [q, k, v, out, rowStates, dOut, ...others] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  const operands = {
    ...operandsOf(heap, [q, k, v], others, attributes),
    out: contiguous(heap.address(out), out.shape),
    rowStates: heap.address(rowStates),
  };
  const { beta } = operands;
  const gradients = { dOut: heap.address(dOut), dQ: 0, dK: 0, dV: 0, dBeta: 0 };
  const bytes = attentionScratch(heap, { ...operands, gradients }, attributes);
  const fill = (tensors: TensorInfo[]) => {
    const [dQ, dK, dV] = tensors.map((tensor) => heap.address(tensor));
    const run = (dBeta: number) =>
      runAttention(heap, { ...operands, gradients: { ...gradients, dQ, dK, dV, dBeta } }, attributes);
    if (beta) sumParts(heap, tensors[3], q.shape[0] * k.shape[1], run);
    else run(0);
  };
  return heap.computeOutputs([q, k, v, ...(beta ? [beta] : [])], fill, bytes);
}

/** Runs `use` with room for `count` numbers, and puts their sum into the scalar `sum`. */
export function sumParts(heap: Heap, sum: TensorInfo, count: number, use: (address: number) => void): void {
  heap.withScratch(4 * count, (address) => {
    heap.float32(address, count).fill(0);
    use(address);
    heap.float32(heap.address(sum), 1)[0] = heap.float32(address, count).reduce((total, part) => total + part, 0);
  });
}

export const fusedAttentionConfig: KernelConfig = {
  kernelName: FUSED_ATTENTION,
  backendName: 'wasm',
  kernelFunc: fusedAttention,
};

export const fusedAttentionGradConfig: KernelConfig = {
  kernelName: FUSED_ATTENTION_GRAD,
  backendName: 'wasm',
  kernelFunc: fusedAttentionGrad,
};
