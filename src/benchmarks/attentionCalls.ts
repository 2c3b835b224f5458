// Attention calls as benchmarks make them, forward and with gradients.

import * as tf from '@tensorflow/tfjs-core';

/** B, H, N, D; keys are as many as queries, values as wide as keys. */
export type AttentionShape = readonly [batch: number, heads: number, positions: number, headWidth: number];

export const passes = ['forward', 'forward+backward'] as const;
export type AttentionPass = (typeof passes)[number];

export type AttentionOperands = [q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, dOut: tf.Tensor];

/** Normal numbers, the same each time. */
export function attentionOperands([B, H, N, D]: AttentionShape, keyHeads = H): AttentionOperands {
  const heads = [H, keyHeads, keyHeads, H];
  const tensors = heads.map((count, seed) => tf.randomNormal([B, count, N, D], 0, 1, 'float32', seed + 1));
  return tensors as AttentionOperands;
}

/** A call of `f` on q, k, v, or of its gradients too, that disposes what it makes. */
export function attentionCall(
  pass: AttentionPass,
  [q, k, v, dOut]: AttentionOperands,
  f: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor,
): () => void {
  if (pass === 'forward') return () => f(q, k, v).dispose();
  const gradients = tf.grads(f);
  return () => tf.dispose(gradients([q, k, v], dOut));
}
