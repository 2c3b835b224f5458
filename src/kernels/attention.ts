// FusedAttention and FusedAttentionGrad: every attention of the family in one call each, over assembly/attention.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { Heap } from '../runtime/heap.js';
import { type AttentionAttributes, type AttentionOutputs, runAttention } from './attentionProblem.js';

export const FUSED_ATTENTION = 'FusedAttention';
export const FUSED_ATTENTION_GRAD = 'FusedAttentionGrad';

/** The tensors behind q, k and v by their names. */
function named([mask, beta]: TensorInfo[], { hasMask, hasBeta }: AttentionAttributes) {
  return { mask: hasMask ? mask : undefined, beta: hasBeta ? (hasMask ? beta : mask) : undefined };
}

/** Inputs [q, k, v, mask?, beta?]; outputs [out [B,H,N,E], rowStates [2,B,H,N]: maxima, factors of the sums]. */
function fusedAttention({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const attributes = attrs as unknown as AttentionAttributes;
  const [q, k, v, ...others] = inputs as unknown as TensorInfo[];
  const [batch, heads, queries] = q.shape;
  const outputs: AttentionOutputs = {
    out: { shape: [batch, heads, queries, v.shape[3]], dtype: 'float32' },
    rowStates: { shape: [2, batch, heads, queries], dtype: 'float32' },
  };
  return runAttention(Heap.of(backend), { q, k, v, ...named(others, attributes) }, outputs, attributes, (kernels) => ({
    arrays: 5,
    scratchBytes: kernels.attentionForwardScratch,
    compute: kernels.attentionForward,
  }));
}

/** Inputs [q, k, v, out, rowStates, dOut, mask?, beta?]; outputs [dQ, dK, dV, dBeta?], shaped as q, k, v, beta. */
function fusedAttentionGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const attributes = attrs as unknown as AttentionAttributes;
  const [q, k, v, out, rowStates, dOut, ...others] = inputs as unknown as TensorInfo[];
  const operands = { q, k, v, out, rowStates, dOut, ...named(others, attributes) };
  const outputs: AttentionOutputs = { dQ: q, dK: k, dV: v, ...(operands.beta && { dBeta: operands.beta }) };
  return runAttention(Heap.of(backend), operands, outputs, attributes, (kernels) => ({
    arrays: 8,
    scratchBytes: kernels.attentionBackwardScratch,
    compute: kernels.attentionBackward,
  }));
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
