// What an attention kernel works on, as assembly/attention reads it: tensors, attributes and tables in one frame.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Heap, OutputSpec } from '../runtime/heap.js';
import { kernelsOn } from '../runtime/builds.js';
import type { Kernels } from '../runtime/entryPoints.js';
import { writeStruct, type Field } from '../runtime/struct.js';

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
  /** k and v hold averaged keys already: ceil(keyLength / headScale) of each head are valid. */
  averaged: boolean;
  /** Key j is seen from position p if p - left <= j <= p + right; UNBOUNDED for no limit. */
  left: number;
  right: number;
  causal: boolean;
  blocks?: BlockTable;
  /** Attention-BN; `beta` is a tensor among the inputs where `hasBeta` says so. */
  batchNorm?: { beta: number; variance: boolean; epsilon: number };
  /** 0 for none. */
  softcap: number;
  /** Rate, 0 to below 1. */
  dropout: number;
  seed: number;
  /** What the list of inputs holds behind q, k and v. */
  hasMask: boolean;
  hasBeta: boolean;
}

/** The fields of AttentionProblem in assembly/attention/problem.ts, in its order. */
export const problemLayout = {
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
  depth: 'i32',
  valueDepth: 'i32',
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
  averaged: 'i32',
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
  scratch: 'i32',
} as const satisfies Record<string, Field>;

type Problem = Record<keyof typeof problemLayout, number>;

/** Inputs by name; the backward pass has the last three too. */
export interface AttentionOperands {
  q: TensorInfo;
  k: TensorInfo;
  v: TensorInfo;
  mask?: TensorInfo;
  beta?: TensorInfo;
  out?: TensorInfo;
  rowStates?: TensorInfo;
  dOut?: TensorInfo;
}

/** Outputs by name, in the order of the kernel's results. */
export type AttentionOutputs = Partial<Record<'out' | 'rowStates' | 'dQ' | 'dK' | 'dV' | 'dBeta', OutputSpec>>;

export interface AttentionPass {
  /** How many arrays as large as the keys or values of one head are in its scratch, at most. */
  arrays: number;
  scratchBytes: (problem: number) => number;
  compute: (problem: number) => void;
}

const roundUp8 = (x: number) => Math.ceil(x / 8) * 8;

/** Strides, in elements, of a contiguous [b, h, n, width] tensor, named batch, head and row. */
function strides(name: string, [, heads, rows, width]: number[]): Record<string, number> {
  return { [`${name}Batch`]: heads * rows * width, [`${name}Head`]: rows * width, [`${name}Row`]: width };
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

/** The arrays that stand behind the problem in its frame: where each begins, and their bytes in all. */
function layOutTables(attributes: AttentionAttributes): {
  offsets: number[];
  bytes: number;
  tables: ArrayLike<number>[];
} {
  const { keyLengths, queryOffsets, headScales, blocks } = attributes;
  const tables = [keyLengths, queryOffsets, headScales, blocks?.table ?? [], blocks?.bitmaps ?? []];
  let bytes = 0;
  const offsets = tables.map((table) => {
    const offset = bytes;
    bytes += 4 * table.length;
    return offset;
  });
  return { offsets, bytes, tables };
}

/**
 * Lays the problem out in scratch, asks the kernel for its own scratch, and runs it; gives the outputs in their order.
 * Throws OutOfMemoryError.
 */
export function runAttention(
  heap: Heap,
  operands: AttentionOperands,
  outputs: AttentionOutputs,
  attributes: AttentionAttributes,
  choose: (kernels: Kernels) => AttentionPass,
): TensorInfo[] {
  const kernels = kernelsOn(heap);
  const { arrays, scratchBytes, compute } = choose(kernels);
  const { q, k, v, mask, beta } = operands;
  const address = (tensor?: TensorInfo) => (tensor ? heap.address(tensor) : 0);
  const [batch, heads, queries, depth] = q.shape;
  const [, keyHeads, keys, valueDepth] = v.shape;
  const [maskBatch, maskHead, maskRow, maskColumn] = maskStrides(mask);
  const { batchNorm, blocks } = attributes;
  const { offsets, bytes: tableBytes, tables } = layOutTables(attributes);
  const frameBytes = roundUp8(kernels.attentionFrameBytes());

  return heap.withScratch(frameBytes + tableBytes, (frame) => {
    const [keyLengths, queryOffsets, headScales, table, bitmaps] = offsets.map((offset) => frame + frameBytes + offset);
    const problem = {
      q: address(q),
      k: address(k),
      v: address(v),
      out: address(operands.out),
      rowStates: address(operands.rowStates),
      dOut: address(operands.dOut),
      ...{ dQ: 0, dK: 0, dV: 0, dBeta: 0 },
      ...{ batch, heads, keyHeads, queries, keys, depth, valueDepth },
      ...strides('q', q.shape),
      ...strides('k', k.shape),
      ...strides('v', v.shape),
      ...strides('out', [batch, heads, queries, valueDepth]),
      ...{ keyLengths, queryOffsets, headScales },
      averaged: Number(attributes.averaged),
      kernel: attributes.kernel === 'linear' ? 1 : 0,
      side: { auto: 0, primal: 1, dual: 2 }[attributes.side],
      left: attributes.left,
      right: attributes.right,
      causal: Number(attributes.causal),
      maskKind: mask ? (mask.dtype === 'bool' ? 1 : 2) : 0,
      mask: address(mask),
      ...{ maskBatch, maskHead, maskRow, maskColumn },
      blocks: blocks ? table : 0,
      bitmaps,
      blockSize: blocks?.blockSize ?? 0,
      blockRows: blocks?.rows ?? 0,
      blockColumns: blocks?.columns ?? 0,
      blockHead: blocks && blocks.heads > 1 ? blocks.rows * blocks.columns : 0,
      batchNorm: batchNorm ? (batchNorm.variance ? 1 : 2) : 0,
      beta: beta ? heap.float32(address(beta), 1)[0] : (batchNorm?.beta ?? 0),
      epsilon: batchNorm?.epsilon ?? 0,
      scale: attributes.scale,
      softcap: attributes.softcap,
      dropout: attributes.dropout,
      seed: attributes.seed,
      scratch: 0,
    } as Problem;
    heap.int32(headScales, keyHeads).set(attributes.headScales);
    writeStruct(heap.memory.buffer, frame, problemLayout, problem);
    // The kernels count their scratch in 32 bits, which `arrays` arrays of very many keys exceed.
    const atMost = 2 ** 22 + arrays * keys * roundUp8(Math.max(depth, valueDepth + 1)) * 4;
    const bytes = atMost < 2 ** 32 ? scratchBytes(frame) >>> 0 : atMost;
    const fill = (tensors: TensorInfo[]) =>
      heap.withScratch(bytes, (scratch) => {
        const results = Object.fromEntries(Object.keys(outputs).map((name, index) => [name, address(tensors[index])]));
        writeStruct(heap.memory.buffer, frame, problemLayout, { ...problem, ...results, scratch });
        tables.forEach((values, index) => {
          const at = frame + frameBytes + offsets[index];
          if (values instanceof Uint8Array) heap.uint8(at, values.length).set(values);
          else heap.int32(at, values.length).set(values);
        });
        compute(frame);
      });
    return heap.computeOutputs(Object.values(outputs), fill, bytes);
  });
}
