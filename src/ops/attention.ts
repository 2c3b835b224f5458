// pa.attention: the paper's attention family, fused.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { FUSED_ATTENTION, FUSED_ATTENTION_GRAD, type FusedAttentionAttributes } from '../kernels/attention.js';

import { type AttentionOptions, checkShapes, resolveAttention } from './attentionOptions.js';
import { formatValue } from '../checks/values.js';
import { depthwiseConvolution } from './depthwiseConvolution.js';
import { runKernel } from './runKernel.js';

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
  if (!tf.getKernel(FUSED_ATTENTION, tf.getBackend())) {
    throw new Error(
      `attention: tfjs's backend was ${formatValue(tf.getBackend())}; it must be 'wasm', started by await init()`,
    );
  }
  const sizes = checkShapes(q, k, v);
  const { mask, beta, conv, attributes } = resolveAttention(options, sizes);
  return tf.tidy(() => {
    const { batch, queries, keys } = sizes;
    const mapped = conv
      ? [
          depthwiseConvolution(q, conv.kernel, {
            lengths: new Array<number>(batch).fill(queries),
            grid: conv.grid ? [...conv.grid] : [1, queries],
          }),
          depthwiseConvolution(k, conv.kernel, {
            lengths: attributes.keyLengths,
            grid: conv.grid ? [...conv.grid] : [1, keys],
          }),
        ]
      : [q, k];
    const inputs = [...mapped, v, mask, beta].filter((tensor) => tensor !== undefined);
    return runKernel(FUSED_ATTENTION, inputs, { ...attributes })[0] as Tensor4D;
  });
}

/** A mask is a constant. */
export function noMaskGradient(): never {
  throw new Error('attention: mask cannot be differentiated; it must not depend on what is trained');
}

/** Gradient of FusedAttention: all of dq, dk, dv and dbeta in one pass, the mask is a constant. */
export const fusedAttentionGradient: GradConfig = {
  kernelName: FUSED_ATTENTION,
  saveAllInputs: true,
  outputsToSave: [true, true],
  gradFunc: (dy, saved, attributes) => {
    const { hasMask, hasBeta } = attributes as unknown as FusedAttentionAttributes;
    const [dOut] = dy as Tensor[];
    const [q, k, v] = saved;
    const [out, rowStates] = saved.slice(-2);
    const inputs = [q, k, v, out, rowStates, dOut, ...saved.slice(3, -2)];
    const [dQ, dK, dV, dBeta] = runKernel(FUSED_ATTENTION_GRAD, inputs, attributes);
    return {
      0: () => dQ,
      1: () => dK,
      2: () => dV,
      ...(hasMask && { 3: noMaskGradient }),
      ...(hasBeta && { [hasMask ? 4 : 3]: () => dBeta }),
    };
  },
};
