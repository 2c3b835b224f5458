// What an attention call works on: filled in by src/kernels/attention.ts, field by field in this order.

/**
 * Legend: B batch, H query heads, G key/value heads, N queries, M keys, D head width, E value width.
 * Element x of a four-dimensional operand is at `base + 4 (b batchStride + h headStride + n rowStride + x)`: rows are
 * contiguous, everything else is free. Gradients share the strides of their operand.
 */
@unmanaged
export class AttentionProblem {
  // Operands: float32, [B,H,N,D], [B,G,M,D], [B,G,M,E], [B,H,N,E].
  q: usize;
  k: usize;
  v: usize;
  out: usize;
  /**
   * float32 [2,B,H,N], all that the backward pass needs of the softmax: the rows' maxima (in powers of two) and, behind
   * them, 1 / the rows' sums of 2^(score - maximum); Infinity and 0 for a row that sees no key. Their log-sum-exp in
   * one number would lose the last digits of weights of large scores.
   */
  rowStates: usize;
  // Gradients; not used by the forward pass.
  dOut: usize;
  dQ: usize;
  dK: usize;
  dV: usize;

  batch: i32;
  heads: i32;
  keyHeads: i32;
  queries: i32;
  keys: i32;
  depth: i32;
  valueDepth: i32;

  // Strides in elements.
  qBatch: usize;
  qHead: usize;
  qRow: usize;
  kBatch: usize;
  kHead: usize;
  kRow: usize;
  vBatch: usize;
  vHead: usize;
  vRow: usize;
  outBatch: usize;
  outHead: usize;
  outRow: usize;

  /** int32 [B]: number of valid keys. */
  keyLengths: usize;
  /** int32 [B]: position of query 0 among the keys. */
  queryOffsets: usize;

  /** Key j is seen from position p if p - left <= j <= p + right; UNBOUNDED for no limit. */
  left: i32;
  right: i32;

  /** 0 none, 1 bytes (0 hides the key), 2 float32 (added to the score). Strides in elements, 0 where broadcast. */
  maskKind: i32;
  mask: usize;
  maskBatch: usize;
  maskHead: usize;
  maskRow: usize;
  maskColumn: usize;

  /** Factor of q.k. */
  scale: f32;
  /** 0 for none. */
  softcap: f32;
  /** Probability to drop a weight, 0 to below 1. */
  dropout: f32;
  seed: i32;

  scratch: usize;
}

/** A window side without a limit. Positions stay below 2^29 in size, so sums with it cannot overflow. */
export const UNBOUNDED: i32 = 1 << 29;
