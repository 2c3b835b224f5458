// What an attention kernel works on, as assembly/attention reads it: tensors, attributes and tables in one frame; and the
// order of its tasks.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernelsOn } from '../runtime/builds.js';
import { type Frame, withFrame } from '../runtime/frame.js';
import type { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks, threadsOn } from '../runtime/tasks.js';

/** A window side without a limit, as in assembly/attention/problem.ts. */
export const UNBOUNDED = 1 << 29;

/** A pattern of blocks, as `pa.blockMask` makes it. */
export interface BlockTable {
  /** Entries [heads][rows][columns]: 0 hidden, 1 whole, 2 + n: bitmap n says what is seen. */
  table: Int32Array;
  /** [n][key][query / 8], one bit for each pair in a block. */
  bitmaps: Uint8Array;
  /** 1 for all heads alike. */
  heads: number;
  rows: number;
  columns: number;
  blockSize: number;
}

/** Everything that is not a tensor, checked and with every default filled in. */
export interface AttentionAttributes {
  kernel: 'softmax' | 'linear';
  /** Linear attention: which side of it to compute; 'auto' takes the cheaper one. */
  side: 'auto' | 'primal' | 'dual';
  scale: number;
  /** int, one per sample: keys from there on are padding. */
  keyLengths: number[];
  /** int, one per sample, smaller in size than 2^28: position of query 0 among the keys. */
  queryOffsets: number[];
  /** int, one per key/value head: positions averaged into one key. */
  headScales: number[];
  /** k and v hold pooled keys already: ceil(keyLength / headScale) of each head are valid. */
  pooled: boolean;
  /** Key j is seen from position p if p - left <= j <= p + right; UNBOUNDED for no limit. */
  left: number;
  right: number;
  causal: boolean;
  blocks?: BlockTable;
  /** Attention-BN; where `beta` is a tensor, the number is not used. */
  batchNorm?: { beta: number; variance: boolean; epsilon: number };
  /** 0 for none. */
  softcap: number;
  /** Rate, 0 to below 1. */
  dropout: number;
  seed: number;
}

/** The fields of AttentionProblem in assembly/attention/problem.ts, in its order. */
export const attentionLayout = {
  q: 'i32',
  k: 'i32',
  v: 'i32',
  out: 'i32',
  rowStates: 'i32',
  dOut: 'i32',
  dQ: 'i32',
  dK: 'i32',
  dV: 'i32',
  dBeta: 'i32',
  batch: 'i32',
  heads: 'i32',
  keyHeads: 'i32',
  queries: 'i32',
  keys: 'i32',
  headWidth: 'i32',
  valueWidth: 'i32',
  qBatch: 'i32',
  qHead: 'i32',
  qRow: 'i32',
  kBatch: 'i32',
  kHead: 'i32',
  kRow: 'i32',
  vBatch: 'i32',
  vHead: 'i32',
  vRow: 'i32',
  outBatch: 'i32',
  outHead: 'i32',
  outRow: 'i32',
  keyLengths: 'i32',
  queryOffsets: 'i32',
  headScales: 'i32',
  pooled: 'i32',
  kernel: 'i32',
  side: 'i32',
  left: 'i32',
  right: 'i32',
  causal: 'i32',
  maskKind: 'i32',
  mask: 'i32',
  maskBatch: 'i32',
  maskHead: 'i32',
  maskRow: 'i32',
  maskColumn: 'i32',
  blocks: 'i32',
  bitmaps: 'i32',
  blockSize: 'i32',
  blockRows: 'i32',
  blockColumns: 'i32',
  blockHead: 'i32',
  batchNorm: 'i32',
  beta: 'f32',
  epsilon: 'f32',
  scale: 'f32',
  softcap: 'f32',
  dropout: 'f32',
  seed: 'i32',
  backward: 'i32',
  chunks: 'i32',
  shared: 'i32',
  sizing: 'i32',
} as const satisfies Record<string, Field>;

type Problem = Record<keyof typeof attentionLayout, number>;

/** Where the rows of an operand [B, heads, rows, width] lie: rows are contiguous, all else is free. */
export interface Rows {
  /** Of the first row. */
  address: number;
  /** Elements from sample to sample, head to head, row to row. */
  strides: readonly [batch: number, head: number, row: number];
}

/** The tensors of a call by address, and their sizes. */
export interface AttentionOperands {
  sizes: Record<'batch' | 'heads' | 'keyHeads' | 'queries' | 'keys' | 'headWidth' | 'valueWidth', number>;
  q: Rows;
  k: Rows;
  v: Rows;
  out: Rows;
  /** float32 [2, B, H, N]. */
  rowStates: number;
  mask?: TensorInfo;
  /** float32 [1]. */
  beta?: TensorInfo;
  /** Backward only: gradients of out, q, k, v, strided as they are, and of beta, one number for each sample and head. */
  gradients?: Record<'dOut' | 'dQ' | 'dK' | 'dV' | 'dBeta', number>;
}

/** Of a contiguous tensor [B, heads, rows, width]. */
export function contiguous(address: number, [, heads, rows, width]: readonly number[]): Rows {
  return { address, strides: [heads * rows * width, rows * width, width] };
}

/** Strides, in elements, of `mask` read as [B, H, N, M]: 0 where it is broadcast. */
function maskStrides(mask?: TensorInfo): number[] {
  if (!mask) return [0, 0, 0, 0];
  const shape = [...new Array<number>(4 - mask.shape.length).fill(1), ...mask.shape];
  let stride = 1;
  return shape
    .reverse()
    .map((size) => {
      const own = size === 1 ? 0 : stride;
      stride *= size;
      return own;
    })
    .reverse();
}

/** A key/value head is a task. Where there are fewer heads than this, each is cut into runs of queries. */
const TASKS = 8;
/** Queries of a run at least: a block in assembly/attention/tiles.ts. */
const CHUNK_QUERIES = 64;

/** Tasks that share a key/value head; more than one costs a pass over its gradients. */
function chunksOf({ sizes }: AttentionOperands, { kernel }: AttentionAttributes): number {
  const { batch, heads, keyHeads, queries } = sizes;
  // The state of linear attention goes from block to block.
  if (kernel === 'linear' || batch * keyHeads === 0) return 1;
  const runs = Math.ceil(queries / CHUNK_QUERIES) * (heads / keyHeads);
  return Math.max(1, Math.min(runs, Math.ceil(TASKS / (batch * keyHeads))));
}

/** 32-bit words of Workspace in assembly/attention/workspace.ts, generously. */
const WORKSPACE_WORDS = 64;

const toStrides = (name: string, { strides: [batch, head, row] }: Rows) => ({
  [`${name}Batch`]: batch,
  [`${name}Head`]: head,
  [`${name}Row`]: row,
});

/** Runs `use` with the problem in a frame. */
function withProblem<T>(
  heap: Heap,
  operands: AttentionOperands,
  attributes: AttentionAttributes,
  use: (frame: Frame<typeof attentionLayout>) => T,
): T {
  const { sizes, q, k, v, out, mask, beta, gradients } = operands;
  const { batchNorm, blocks } = attributes;
  const [maskBatch, maskHead, maskRow, maskColumn] = maskStrides(mask);
  const problem: Partial<Problem> = {
    ...{ q: q.address, k: k.address, v: v.address, out: out.address, rowStates: operands.rowStates },
    ...gradients,
    ...sizes,
    ...toStrides('q', q),
    ...toStrides('k', k),
    ...toStrides('v', v),
    ...toStrides('out', out),
    pooled: Number(attributes.pooled),
    kernel: attributes.kernel === 'linear' ? 1 : 0,
    side: { auto: 0, primal: 1, dual: 2 }[attributes.side],
    left: attributes.left,
    right: attributes.right,
    causal: Number(attributes.causal),
    maskKind: mask ? (mask.dtype === 'bool' ? 1 : 2) : 0,
    mask: mask ? heap.address(mask) : 0,
    ...{ maskBatch, maskHead, maskRow, maskColumn },
    blockSize: blocks?.blockSize ?? 0,
    blockRows: blocks?.rows ?? 0,
    blockColumns: blocks?.columns ?? 0,
    blockHead: blocks && blocks.heads > 1 ? blocks.rows * blocks.columns : 0,
    batchNorm: batchNorm ? (batchNorm.variance ? 1 : 2) : 0,
    beta: beta ? heap.float32(heap.address(beta), 1)[0] : (batchNorm?.beta ?? 0),
    epsilon: batchNorm?.epsilon ?? 0,
    scale: attributes.scale,
    softcap: attributes.softcap,
    dropout: attributes.dropout,
    seed: attributes.seed,
    backward: Number(gradients !== undefined),
    chunks: chunksOf(operands, attributes),
  };
  const { keyLengths, queryOffsets, headScales } = attributes;
  const tables = {
    ...{ keyLengths, queryOffsets, headScales },
    ...(blocks && { blocks: blocks.table, bitmaps: blocks.bitmaps }),
    sizing: new Int32Array(WORKSPACE_WORDS),
  };
  return withFrame(heap, attentionLayout, problem, tables, use);
}

/** Arrays as large as the keys or values of one head that a task has in its scratch, at most. */
const MOST_ARRAYS = 10;

/** Bytes that are more than a task takes. The kernels count in 32 bits, which those of very many keys exceed. */
function mostBytes({ keys, headWidth, valueWidth }: AttentionOperands['sizes']): number {
  return 2 ** 22 + MOST_ARRAYS * keys * (Math.max(headWidth, valueWidth + 1) + 15) * 4;
}

/** Bytes of scratch that `runAttention` will take. */
export function attentionScratch(heap: Heap, operands: AttentionOperands, attributes: AttentionAttributes): number {
  const most = mostBytes(operands.sizes);
  if (most >= 2 ** 32) return most;
  const kernels = kernelsOn(heap);
  const name = operands.gradients ? 'attentionBackward' : 'attentionForward';
  return withProblem(heap, operands, attributes, ({ address }) => {
    const tasks = kernels[`${name}Tasks`](address);
    const own = kernels[`${name}Scratch`]!(address) >>> 0;
    return (kernels.attentionSharedBytes(address) >>> 0) + Math.min(tasks, threadsOn(heap)) * own;
  });
}

/** Runs one pass: the backward one if there are gradients to fill. Throws OutOfMemoryError. */
export function runAttention(heap: Heap, operands: AttentionOperands, attributes: AttentionAttributes): void {
  const most = mostBytes(operands.sizes);
  if (most >= 2 ** 32) heap.malloc(most); // throws
  withProblem(heap, operands, attributes, ({ address, set }) => {
    const run = () => {
      runTasks(heap, 'attentionKeys', address);
      runTasks(heap, operands.gradients ? 'attentionBackward' : 'attentionForward', address);
      if (operands.gradients) runTasks(heap, 'attentionKeysBackward', address);
    };
    const bytes = kernelsOn(heap).attentionSharedBytes(address) >>> 0;
    if (bytes === 0) return run();
    heap.withScratch(bytes, (shared) => {
      set({ shared });
      run();
    });
  });
}
