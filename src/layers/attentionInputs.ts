// What the inputs of multi-head attention are, and which keys its queries may see.

import * as tf from '@tensorflow/tfjs-core';
import type { CallOptions } from './sequenceLayer.js';
import { type ValidPositions, validPositions } from './validPositions.js';

export interface AttentionInputs<T> {
  query: T;
  value: T;
  key: T;
  lengths?: T;
}

/**
 * Sequences have rank 3; the lengths, rank 2, stand last. Missing: value = query, key = value (as in Keras).
 *
 * @param inputs tensors, or their shapes
 * @param rankOf gives the rank of one
 * @throws Error that tells their ranks and what they must be
 */
export function sortInputs<T>(inputs: T[], rankOf: (input: T) => number): AttentionInputs<T> {
  const lengths = rankOf(inputs[inputs.length - 1]) === 2 ? inputs[inputs.length - 1] : undefined;
  const sequences = lengths === undefined ? inputs : inputs.slice(0, -1);
  const ranks = inputs.map(rankOf);
  if (sequences.length < 1 || sequences.length > 3 || sequences.some((sequence) => rankOf(sequence) !== 3)) {
    throw new Error(
      `MultiHeadAttention: inputs were of ranks [${ranks.join(', ')}]; they must be query [B, N, C], then value and key ` +
        '[B, M, C] if they differ, then lengths [B, 1] if keys are padded',
    );
  }
  const [query, value = query, key = value] = sequences;
  return { query, value, key, lengths };
}

/** Which keys the queries of a call may see. */
export interface VisibleKeys {
  /** B integers: keys from there on are padding. */
  keyLengths: number[];
  /** bool, broadcastable to [B, H, N, M], if lengths do not say it all. */
  mask?: tf.Tensor;
}

/** What the sequences of a call hold. */
export interface ValidSequences {
  /** Of keys and values. */
  valid: ValidPositions;
  visible: VisibleKeys;
}

/**
 * Puts lengths and masks together. A Keras mask that hides only the ends of sequences becomes lengths, which every form
 * of attention knows.
 *
 * @param inputs of the call
 * @param sources the same, sorted
 * @param mask Keras mask of the first input, or of each: those of keys and values count
 * @param attentionMask [B, N, M] or [N, M]: true or 1 where a query may see a key
 * @throws Error that names the mask which does not fit
 */
export function visibleKeys(
  inputs: tf.Tensor[],
  { query, value, key, lengths }: AttentionInputs<tf.Tensor>,
  mask: CallOptions['mask'],
  attentionMask?: tf.Tensor,
): ValidSequences {
  const masks = Array.isArray(mask) ? mask : [mask];
  const ofKeys = inputs
    .map((input, index) => (input === value || input === key ? masks[index] : undefined))
    .filter((one) => one != null);
  const keyMask = ofKeys.length > 1 ? ofKeys.reduce((a, b) => tf.logicalAnd(a, b)) : ofKeys[0];
  const valid = validPositions('MultiHeadAttention', key, lengths, keyMask);
  const [batch, n] = query.shape as [number, number];
  const m = key.shape[1]!;
  const all = [
    valid.mask && tf.reshape(valid.mask, [batch, 1, 1, m]),
    attentionMask && tf.reshape(checkAttentionMask(attentionMask, [batch, n, m]), [-1, 1, n, m]),
  ].filter((one) => one !== undefined);
  return {
    valid,
    visible: { keyLengths: valid.lengths, mask: all.length > 1 ? tf.logicalAnd(all[0], all[1]) : all[0] },
  };
}

function checkAttentionMask(mask: tf.Tensor, shape: number[]): tf.Tensor {
  const fits = [shape, shape.slice(1)].some((expected) => tf.util.arraysEqual(mask.shape, expected));
  if (fits) return tf.cast(mask, 'bool');
  throw new Error(
    `MultiHeadAttention: attentionMask was [${mask.shape.join(', ')}]; it must be [${shape.join(', ')}] or ` +
      `[${shape.slice(1).join(', ')}]`,
  );
}
