// What an attention call works on. src/kernels/attentionProblem.ts fills it in, by the fields' names (scripts/bindings.mjs).

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
   * float32 [2,B,H,N], all that the backward pass needs of the softmax: the rows' maxima and, behind them, 1 / the rows'
   * sums; Infinity and 0 for a row that sees no key. Their log-sum-exp in one number would lose the last digits of the
   * weights of large scores. Linear attention: 0 and the factor of the row's sums.
   */
  rowStates: usize;
  // Gradients; not used by the forward pass.
  /** @optional */
  dOut: usize;
  /** @optional */
  dQ: usize;
  /** @optional */
  dK: usize;
  /** @optional */
  dV: usize;
  /** float32 [B,G], parts of the gradient of the beta of Attention-BN. @optional */
  dBeta: usize;

  batch: i32;
  heads: i32;
  keyHeads: i32;
  queries: i32;
  keys: i32;
  headWidth: i32;
  valueWidth: i32;

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
  /** int32 [G]: keys averaged into one (Attention-SH); 1 for none. */
  headScales: usize;

  /** 1: k and v hold pooled keys already, ceil(keyLength / headScale) of each head are valid. */
  pooled: i32;

  /** See Kernel. */
  kernel: i32;
  /** Linear attention only, see Side. */
  side: i32;

  /** Key j is seen from position p if p - left <= j <= p + right; UNBOUNDED for no limit. */
  left: i32;
  right: i32;
  /** 1: key j is seen from position p only if j <= p. */
  causal: i32;

  /** See MaskKind. Strides in elements, 0 where broadcast. */
  maskKind: i32;
  /** @optional */
  mask: usize;
  maskBatch: usize;
  maskHead: usize;
  maskRow: usize;
  maskColumn: usize;

  /** Pattern of blocks, int32 [heads or 1][rows][columns]: see Block. @optional */
  blocks: usize;
  /** Bits of partly visible blocks, [number][key][query / 8]: one byte is eight neighbouring queries. @optional */
  bitmaps: usize;
  /** Queries and keys a side of a block, a multiple of 8. */
  blockSize: i32;
  blockRows: i32;
  blockColumns: i32;
  /** Blocks from head to head, 0 where all heads share one pattern. */
  blockHead: i32;

  /** Attention-BN, see Statistics. */
  batchNorm: i32;
  beta: f32;
  epsilon: f32;

  /** Factor of q.k. */
  scale: f32;
  /** 0 for none. */
  softcap: f32;
  /** float32 [H]: slopes of ALiBi. @optional */
  alibiSlopes: usize;
  /** Probability to drop a weight, 0 to below 1. */
  dropout: f32;
  seed: i32;

  /** 1: what is prepared is for the backward pass. */
  backward: i32;
  /**
   * Tasks that share one key/value head, each with a run of its blocks of queries. 1: the task prepares its keys and
   * finishes their gradients itself. More, where heads are few: `attentionKeys` before it and `attentionKeysBackward`
   * behind it do, for all of the head's tasks, and `shared` is their room, attentionSharedBytes of it.
   */
  chunks: i32;
  /** @optional */
  shared: usize;
  /** Room for a workspace, attentionWorkspaceBytes of it, where only the sizes of its parts are asked for. */
  sizing: usize;
}

export const enum Kernel {
  SOFTMAX,
  LINEAR,
}

/** Which side of linear attention is computed; AUTO: the cheaper one. */
export const enum Side {
  AUTO,
  PRIMAL,
  DUAL,
}

/** BOOL: bytes, 0 hides the key. FLOAT: float32, added to the score. */
export const enum MaskKind {
  NONE,
  BOOL,
  FLOAT,
}

/** What of the keys' statistics Attention-BN takes out of queries and keys. */
export const enum Statistics {
  NONE,
  MEAN_AND_VARIANCE,
  MEAN,
}

/** An entry of a pattern of blocks; from FIRST_BITMAP on the number of a bitmap is added. */
export const enum Block {
  HIDDEN,
  WHOLE,
  FIRST_BITMAP,
}

/** A window side without a limit. Positions stay below 2^29 in size, so sums with it cannot overflow. @shared */
export const UNBOUNDED: i32 = 1 << 29;

/** Added to the sum of linear attention's weights, so that a row of zeros divides. */
export const LINEAR_EPSILON: f32 = 1e-6;

/** int32 at `list[index]`. */
@inline
export function entry(list: usize, index: i32): i32 {
  return load<i32>(list + (<usize>index << 2));
}

/** Address of row 0 of head h, sample b. */
@inline
export function headOf(base: usize, b: i32, batchStride: usize, h: i32, headStride: usize): usize {
  return base + ((<usize>b * batchStride + <usize>h * headStride) << 2);
}

/** Query heads that share one key/value head. */
@inline
export function groupSize(p: AttentionProblem): i32 {
  return p.heads / p.keyHeads;
}

/** Numbers in a row of values as the products see it: linear attention has a 1 behind them, whose sum is the divisor. */
@inline
export function valueColumns(p: AttentionProblem): i32 {
  return p.kernel == Kernel.LINEAR ? p.valueWidth + 1 : p.valueWidth;
}

/** Whether queries and keys are copied and changed before their product. */
@inline
export function isMapped(p: AttentionProblem): bool {
  return p.batchNorm != Statistics.NONE || p.kernel == Kernel.LINEAR;
}

/** Where the maxima of a block's rows are kept. */
@inline
export function rowMaxima(p: AttentionProblem, b: i32, h: i32, firstQuery: i32): usize {
  return p.rowStates + ((<usize>(b * p.heads + h) * <usize>p.queries + <usize>firstQuery) << 2);
}

/** Where the factors of a block's sums are kept: 1 / total. */
@inline
export function rowFactors(p: AttentionProblem, b: i32, h: i32, firstQuery: i32): usize {
  return rowMaxima(p, b, h, firstQuery) + ((<usize>(p.batch * p.heads) * <usize>p.queries) << 2);
}
