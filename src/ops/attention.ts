// pa.attention: the paper's attention family, fused.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { fusedAttentionKernel, type OperandView } from '../kernels/attention.js';
import type { AttentionOptions } from './attentionOptions.js';
import { checkShapes, type QueryKeySizes } from './attentionShapes.js';
import { depthwiseConvolution } from './depthwiseConvolution.js';
import { fusedAttention } from './fusedAttention.js';
import { resolveAttention, type ResolvedAttention } from './resolveAttention.js';
import { checkBackend } from './runKernel.js';

/**
 * Attention, fused: no score ever reaches the heap, and memory is linear in N and M.
 *
 *     softmax   out_i = sum_j p_ij v_j,   p_i = softmax_j(scale q_i.k_j + mask_ij)   over the keys j that query i sees
 *     linear    out_i = sum_j phi(q_i).phi(k_j) v_j / (sum_j phi(q_i).phi(k_j) + 1e-6),   phi(x) = elu(x) + 1
 *
 * Attention-BN (`batchNorm`) puts (x - beta mu) / sqrt(sigma^2 + epsilon) for q and k, with the statistics of the keys of
 * each head; Attention-SH (`headScales`) averages the keys and values of each head over windows of its own size;
 * Attention-Conv (`conv`) convolves q and k over positions. All can be combined.
 *
 * The limits `causal` and `window` place query i at position p = i + queryOffset among the keys:
 *
 *     causal, queryOffset 2, N 3, M 5     window [1, 0], N 4, M 4
 *     1 1 1 0 0                           1 0 0 0
 *     1 1 1 1 0                           1 1 0 0
 *     1 1 1 1 1                           0 1 1 0
 *                                         0 0 1 1
 *
 * What padding, `causal`, `window` or `blockMask` hide from a whole tile costs nothing. A query that sees no key gives 0
 * and no gradient. With `headScales`, an averaged key is seen under `causal` only when all its positions are in the past,
 * under `window` when any of them is inside. Differentiable in q, k, v, conv.kernel and batchNorm.beta (first order).
 *
 * @param q float32 [B, H, N, D], queries.
 * @param k float32 [B, G, M, D], keys; G divides H, and query head h uses key/value head floor(h / (H / G)).
 * @param v float32 [B, G, M, E], values.
 * @param options see AttentionOptions; everything is checked.
 * @returns float32 [B, H, N, E].
 * @throws Error that names the argument, what it was and what it must be; OutOfMemoryError if the heap has no room.
 * @see T. Nguyen et al., "A Primal-Dual Framework for Transformers and Neural Networks"; A. Vaswani et al., "Attention Is
 *   All You Need"; A. Katharopoulos et al., "Transformers are RNNs", for linear attention; T. Dao et al.,
 *   "FlashAttention", for the tiling.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor4D {
  checkBackend('attention', fusedAttentionKernel);
  const sizes = checkShapes(q, k, v);
  const resolved = resolveAttention(options, sizes);
  return attentionOf({ q, k, v }, sizes, resolved);
}

/** q and k, convolved if `conv` says so. */
function convolve(q: Tensor, k: Tensor, sizes: QueryKeySizes, { conv, fields }: ResolvedAttention): [Tensor, Tensor] {
  if (!conv) return [q, k];
  const { batch, queries, keys } = sizes;
  const over = (x: Tensor, positions: number, lengths: number[]) =>
    depthwiseConvolution(x, conv.kernel, { lengths, grid: conv.grid ? [...conv.grid] : [1, positions] });
  return [over(q, queries, new Array<number>(batch).fill(queries)), over(k, keys, fields.keyLengths)];
}

/** Heads of a tensor [B, heads, rows, width]. */
function headsOf(input: string, [, heads, rows, width]: readonly number[]): OperandView {
  return { input, offset: 0, strides: [heads * rows * width, rows * width, width] };
}

/** `attention` with shapes and options that were checked. */
export function attentionOf(
  operands: Record<'q' | 'k' | 'v', Tensor>,
  sizes: QueryKeySizes,
  resolved: ResolvedAttention,
): Tensor4D {
  const { v } = operands;
  const { mask, beta, fields } = resolved;
  const { batch, heads, queries } = sizes;
  const valueWidth = v.shape[3]!;
  const shape = [batch, heads, queries, valueWidth];
  return tf.tidy(() => {
    const [q, k] = convolve(operands.q, operands.k, sizes, resolved);
    const views = { q: headsOf('q', q.shape), k: headsOf('k', k.shape), v: headsOf('v', v.shape) };
    const run = { sizes: { ...sizes, valueWidth }, ...views, out: headsOf('out', shape), fields };
    return fusedAttention({ q, k, v }, { mask, beta }, { operands: ['q', 'k', 'v'], runs: [run], shape }) as Tensor4D;
  });
}
