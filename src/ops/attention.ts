// pa.attention: fused softmax attention.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, NamedAttrMap, NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { FUSED_ATTENTION, FUSED_ATTENTION_GRAD } from '../kernels/attention.js';
import { type AttentionOptions, resolveAttention } from './attentionOptions.js';

/**
 * Attention, fused: no score ever reaches the heap, and memory is linear in N and M.
 *
 *     out_i = sum_j p_ij v_j,   p_i = softmax_j(scale q_i.k_j + mask_ij)   over the keys j that query i sees
 *
 * The limits `causal` and `window` place query i at position p = i + queryOffset among the keys:
 *
 *     causal, queryOffset 2, N 3, M 5     window [1, 0], N 4, M 4
 *     1 1 1 0 0                           1 0 0 0
 *     1 1 1 1 0                           1 1 0 0
 *     1 1 1 1 1                           0 1 1 0
 *                                         0 0 1 1
 *
 * Keys that padding, `causal` or `window` hide from a whole tile cost nothing. A query that sees no key gives 0 and no
 * gradient. Differentiable in q, k and v (first order).
 *
 * @param q float32 [B, H, N, D], queries.
 * @param k float32 [B, G, M, D], keys; G divides H, and query head h uses key/value head floor(h / (H / G)).
 * @param v float32 [B, G, M, E], values.
 * @param options see AttentionOptions; everything is checked.
 * @returns float32 [B, H, N, E].
 * @throws Error that names the argument, what it was and what it must be; OutOfMemoryError if the heap has no room.
 * @see A. Vaswani et al., "Attention Is All You Need"; T. Dao et al., "FlashAttention", for the tiling.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions = {}): Tensor4D {
  const { mask, attributes } = resolveAttention(q, k, v, options);
  return tf.tidy(() => {
    const inputs = mask ? [q, k, v, mask] : [q, k, v];
    const [out] = runKernel(FUSED_ATTENTION, inputs, { ...attributes });
    return out as Tensor4D;
  });
}

/** tfjs takes a list of inputs where their number varies, but its types know only named ones. */
function runKernel(name: string, inputs: Tensor[], attributes: object): Tensor[] {
  return tf.engine().runKernel<Tensor[]>(name, inputs as unknown as NamedTensorMap, attributes as NamedAttrMap);
}

/** Gradient of FusedAttention: all of dq, dk, dv in one pass, the mask is a constant. */
export const fusedAttentionGradient: GradConfig = {
  kernelName: FUSED_ATTENTION,
  saveAllInputs: true,
  outputsToSave: [true, true],
  gradFunc: (dy, saved, attributes) => {
    const [dOut] = dy as Tensor[];
    const [q, k, v] = saved;
    const [out, rowStates] = saved.slice(-2);
    const mask = saved.slice(3, -2);
    const inputs = [q, k, v, out, rowStates, dOut, ...mask];
    const [dQ, dK, dV] = runKernel(FUSED_ATTENTION_GRAD, inputs, attributes);
    return {
      0: () => dQ,
      1: () => dK,
      2: () => dV,
      3: () => {
        throw new Error('attention: mask cannot be differentiated; stop its gradient, or add it as a bias to q and k');
      },
    };
  },
};
