import type { BatchInput } from './kindTraits.js';
import { padRows } from './padRows.js';

/** Cases that may differ in length. */
interface Sequences {
  /** One array for each case. */
  values: readonly ArrayLike<number>[];
  /** Positions of each case. */
  lengths: readonly number[];
  /** Shape of a position: [channels], or [] where it is one number. */
  position: readonly number[];
}

/**
 * Inputs of a model of sequences, see KindTraits.inputs.
 *
 * @returns [B, length, ...position] and the cases' own lengths, [B, 1]
 */
export function sequenceInputs(
  { values, lengths, position }: Sequences,
  indices: readonly number[],
  fixedLength?: number,
): BatchInput[] {
  const valid = Float32Array.from(indices, (index) => lengths[index]);
  const length = fixedLength ?? valid.reduce((a, b) => Math.max(a, b), 1);
  const tooLong = indices.find((index) => lengths[index] > length);
  if (tooLong !== undefined) {
    throw new Error(`batches: case ${tooLong + 1} had ${lengths[tooLong]} positions; it must have at most ${length}`);
  }
  const shape = [indices.length, length, ...position];
  const rows = indices.map((index) => values[index]);
  return [
    {
      values: padRows(
        rows,
        position.reduce((a, b) => a * b, length),
      ),
      shape,
    },
    { values: valid, shape: [indices.length, 1] },
  ];
}
