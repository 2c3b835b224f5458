// What an attention kernel works on, as assembly/attention reads it: operands and options in one problem; and the order of
// its tasks.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { BLOCK_QUERIES, Kernel, MaskKind, type StructValues } from '../runtime/generated/bindings.js';
import type { Heap } from '../runtime/heap.js';
import type { Pointer } from '../runtime/pointer.js';
import { type Problem, withProblem } from '../runtime/problem.js';

type Fields = StructValues['AttentionProblem'];

/** Where the rows of an operand [B, heads, rows, width] lie: rows are contiguous, all else is free. */
export interface Rows {
  /** Of the first row. */
  address: Pointer;
  /** Elements from sample to sample, head to head, row to row. */
  strides: readonly [batch: number, head: number, row: number];
}

/** Sizes of a call: q [B,H,N,D], k [B,G,M,D], v [B,G,M,E]. */
export type AttentionSizes = Record<
  'batch' | 'heads' | 'keyHeads' | 'queries' | 'keys' | 'headWidth' | 'valueWidth',
  number
>;

/** The tensors of a call by address, and their sizes. */
export interface AttentionOperands {
  sizes: AttentionSizes;
  q: Rows;
  k: Rows;
  v: Rows;
  out: Rows;
  /** float32 [2, B, H, N]. */
  rowStates: Pointer;
  mask: TensorInfo | undefined;
  /** float32 [1]. */
  beta: TensorInfo | undefined;
  /** Backward only: gradients of out, q, k, v, strided as they are, and of beta, one number for each sample and head. */
  gradients?: Record<'dOut' | 'dQ' | 'dK' | 'dV' | 'dBeta', number>;
}

/** Fields of the problem that the operands, and how the work is cut, decide. */
type OperandField =
  | keyof AttentionSizes
  | `${'q' | 'k' | 'v' | 'out'}${'' | 'Batch' | 'Head' | 'Row'}`
  | `mask${'' | 'Kind' | 'Batch' | 'Head' | 'Row' | 'Column'}`
  | ('rowStates' | 'dOut' | 'dQ' | 'dK' | 'dV' | 'dBeta' | 'backward' | 'chunks' | 'shared' | 'sizing');

/**
 * All other fields: the options of attention, checked and with every default filled in. `beta` does not count where it is
 * a tensor.
 */
export type AttentionFields = Omit<Fields, OperandField>;

/** Strides, in elements, of `mask` read as [B, H, N, M]: 0 where it is broadcast. */
function maskStrides({ shape }: TensorInfo): number[] {
  let stride = 1;
  const strides = [...shape].reverse().map((size) => {
    const own = size === 1 ? 0 : stride;
    stride *= size;
    return own;
  });
  return [0, 0, 0, 0, ...strides.reverse()].slice(-4);
}

function maskFields(mask: TensorInfo | undefined) {
  const [maskBatch, maskHead, maskRow, maskColumn] = mask ? maskStrides(mask) : [0, 0, 0, 0];
  const maskKind = !mask ? MaskKind.NONE : mask.dtype === 'bool' ? MaskKind.BOOL : MaskKind.FLOAT;
  return { mask, maskKind, maskBatch, maskHead, maskRow, maskColumn };
}

/** A key/value head is a task. Where there are fewer heads than this, each is cut into runs of queries. */
const TASKS = 8;

/** Tasks that share a key/value head; more than one costs a pass over its gradients, and room for prepared keys. */
function chunksOf({ sizes }: AttentionOperands, { kernel }: AttentionFields, tasks: number): number {
  const { batch, heads, keyHeads, queries } = sizes;
  // The state of linear attention goes from block to block.
  if (kernel === Kernel.LINEAR || batch * keyHeads === 0) return 1;
  const runs = Math.ceil(queries / BLOCK_QUERIES) * (heads / keyHeads);
  return Math.max(1, Math.min(runs, Math.ceil(tasks / (batch * keyHeads))));
}

/**
 * The fields of a call's problem, but `shared`, and `sizing`: as large as the kernels say, which only a problem can ask. Sums
 * of gradients depend on the number of `tasks`, outputs do not.
 */
export function attentionValues(operands: AttentionOperands, fields: AttentionFields, tasks = TASKS): Fields {
  const { sizes, q, k, v, out, mask, gradients, rowStates } = operands;
  const [qBatch, qHead, qRow] = q.strides;
  const [kBatch, kHead, kRow] = k.strides;
  const [vBatch, vHead, vRow] = v.strides;
  const [outBatch, outHead, outRow] = out.strides;
  return {
    ...fields,
    ...sizes,
    ...{ q: q.address, qBatch, qHead, qRow, k: k.address, kBatch, kHead, kRow },
    ...{ v: v.address, vBatch, vHead, vRow, out: out.address, outBatch, outHead, outRow, rowStates },
    ...gradients,
    ...maskFields(mask),
    backward: Number(gradients !== undefined),
    chunks: chunksOf(operands, fields, tasks),
    sizing: 0,
  };
}

/** Runs `use` with the problem on the heap. */
function withAttention<T>(
  heap: Heap,
  operands: AttentionOperands,
  fields: AttentionFields,
  use: (problem: Problem<'AttentionProblem'>) => T,
): T {
  const { beta } = operands;
  const values = {
    ...attentionValues(operands, fields),
    ...(beta && { beta: heap.float32(heap.address(beta), 1)[0] }),
  };
  return withProblem(heap, 'AttentionProblem', values, (problem) =>
    heap.withScratch(problem.call('attentionWorkspaceBytes'), (sizing) => {
      problem.set('sizing', sizing);
      return use(problem);
    }),
  );
}

/** Arrays as large as the keys or values of one head that a task has in its scratch, at most. */
const MOST_ARRAYS = 10;

/** Rows of a block of queries with their padding, and arrays of so many rows in the scratch of a task, at most. */
const [BLOCK_ROWS, MOST_BLOCKS] = [BLOCK_QUERIES + 16, 10];

/**
 * Bytes that are more than a task takes. The kernels count in 32 bits, which those of very many keys or very wide heads
 * exceed.
 */
function mostBytes({ keys, headWidth, valueWidth }: AttentionSizes, kernel: number): number {
  const [wide, together] = [Math.max(headWidth, valueWidth + 1) + 15, headWidth + valueWidth + 32];
  const states = kernel === Kernel.LINEAR ? 3 * (headWidth + 16) * (valueWidth + 16) : 0;
  return 2 ** 22 + 4 * (MOST_ARRAYS * keys * wide + MOST_BLOCKS * BLOCK_ROWS * together + states);
}

/** Bytes of scratch that `runAttention` will take. */
export function attentionScratch(heap: Heap, operands: AttentionOperands, fields: AttentionFields): number {
  const most = mostBytes(operands.sizes, fields.kernel);
  if (most >= 2 ** 32) return most;
  const name = operands.gradients ? 'attentionBackward' : 'attentionForward';
  return withAttention(heap, operands, fields, (problem) => {
    const tasks = Math.min(problem.countTasks(name), heap.threads);
    return problem.call('attentionSharedBytes') + tasks * problem.scratchBytes(name);
  });
}

/** Runs one pass: the backward one if there are gradients to fill. Throws OutOfMemoryError. */
export function runAttention(heap: Heap, operands: AttentionOperands, fields: AttentionFields): void {
  const most = mostBytes(operands.sizes, fields.kernel);
  if (most >= 2 ** 32) heap.malloc(most); // throws
  withAttention(heap, operands, fields, (problem) => {
    const run = () => {
      problem.run('attentionKeys');
      problem.run(operands.gradients ? 'attentionBackward' : 'attentionForward');
      if (operands.gradients) problem.run('attentionKeysBackward');
    };
    const bytes = problem.call('attentionSharedBytes');
    if (bytes === 0) return run();
    heap.withScratch(bytes, (shared) => {
      problem.set('shared', shared);
      run();
    });
  });
}
