// How the work of one key/value head is cut into tasks: runs of blocks of queries, head by head of those that share it.
// Where heads are few, several tasks share one head's prepared keys, and their sums of dK and dV are added up in order.

import { addDoubles, addRow } from '../simd/rows';
import { finishKeys, locateKeys, prepareKeys } from './operands';
import { AttentionProblem, groupSize, valueColumns } from './problem';
import { BLOCK_QUERIES, paddedStep } from './tiles';
import { scratchBytes, workspaceOf } from './workspace';

@inline
function blocksOfHead(p: AttentionProblem): i32 {
  return (p.queries + BLOCK_QUERIES - 1) / BLOCK_QUERIES;
}

/** First block of a chunk; blocks are numbered consecutively through the query heads of a group. */
export function firstBlockOf(p: AttentionProblem, chunk: i32): i32 {
  return <i32>(<i64>chunk * <i64>(groupSize(p) * blocksOfHead(p)) / <i64>p.chunks);
}

/** Query head of a block of key/value head g. */
@inline
export function headOfBlock(p: AttentionProblem, g: i32, block: i32): i32 {
  return g * groupSize(p) + block / blocksOfHead(p);
}

/** First query of a block. */
@inline
export function queryOfBlock(p: AttentionProblem, block: i32): i32 {
  return block % blocksOfHead(p) * BLOCK_QUERIES;
}

/** Heads whose keys the tasks share. */
export function attentionKeysTasks(p: AttentionProblem): i32 {
  return p.chunks == 1 ? 0 : p.batch * p.keyHeads;
}

export function attentionKeysScratch(p: AttentionProblem): usize {
  return scratchBytes(p);
}

/** Prepares the keys and values of one head for all its tasks. */
export function attentionKeys(p: AttentionProblem, task: i32, scratch: usize): void {
  prepareKeys(p, workspaceOf(p, task, 0, scratch), task / p.keyHeads, task % p.keyHeads);
}

export function attentionKeysBackwardTasks(p: AttentionProblem): i32 {
  return attentionKeysTasks(p);
}

export function attentionKeysBackwardScratch(p: AttentionProblem): usize {
  return 2 * scratchBytes(p);
}

/** Adds up the sums of one head's tasks, and writes dK and dV. */
export function attentionKeysBackward(p: AttentionProblem, task: i32, scratch: usize): void {
  const b = task / p.keyHeads, g = task % p.keyHeads;
  const w = workspaceOf(p, task, 0, scratch);
  locateKeys(p, w, b, g);
  for (let chunk = 1; chunk < p.chunks; chunk++) {
    const other = workspaceOf(p, task, chunk, scratch + scratchBytes(p));
    const keys = <usize>w.count;
    addRow(w.dKey, other.dKey, keys * paddedStep(p.headWidth));
    addRow(w.dValue, other.dValue, keys * paddedStep(valueColumns(p)));
    addDoubles(w.gradientSum, other.gradientSum, 2 * paddedStep(p.headWidth));
    addDoubles(w.gradientProduct, other.gradientProduct, 2 * paddedStep(p.headWidth));
  }
  finishKeys(p, w, b, g);
}
