// How multi-head attention is called: the options of a call, and the ways to name its sequences and masks.

import type * as tf from '@tensorflow/tfjs-core';
import { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { boolean } from '../checks/rules.js';
import { check } from '../checks/values.js';
import type { AttentionMasks } from './attentionInputs.js';
import type { Call, CallOptions } from './checkedLayer.js';
import { listOf } from './listOf.js';

/** How the layer is called. What a model shall do belongs to the constructor: tfjs forgets the options of a call. */
export interface MultiHeadAttentionCallOptions extends CallOptions {
  /** Value and key, where the inputs are the query alone, as tfjs's own layer of this name has it; in a model too. */
  value?: tf.Tensor | SymbolicTensor;
  key?: tf.Tensor | SymbolicTensor;
  /**
   * [N, M], [B, N, M] or [B, H, N, M]: true or 1 where a query may see a key. It is bool, or holds 0 and 1; a mask that is
   * added to scores is an error.
   */
  attentionMask?: tf.Tensor;
  /** Keras masks [B, N] of query, value and key, in place of those in `mask`. */
  queryMask?: tf.Tensor;
  valueMask?: tf.Tensor;
  keyMask?: tf.Tensor;
  /** As the argument of this name, for this call. */
  useCausalMask?: boolean;
  /** As the argument of this name, for this call. */
  returnAttentionScores?: boolean;
}

/** What a model would not keep. */
export const ofCalls = [
  'attentionMask',
  'queryMask',
  'valueMask',
  'keyMask',
  'useCausalMask',
  'returnAttentionScores',
] as const;

export type Inputs = tf.Tensor | tf.Tensor[] | SymbolicTensor | SymbolicTensor[];

/** @throws Error that names an option which is wrong, or which a model would not keep */
export function checkCallOptions(
  owner: string,
  inputs: Inputs,
  options: MultiHeadAttentionCallOptions | undefined,
): void {
  const symbolic = [inputs].flat().some((one) => one instanceof SymbolicTensor);
  const lost = ofCalls.find((name) => options?.[name]);
  if (lost && symbolic) {
    throw new Error(
      `${owner}: ${lost} was given to a call on a symbolic tensor, which a model would not keep; ` +
        `it must be ${lost.endsWith('Mask') && lost !== 'useCausalMask' ? 'a call on tensors' : 'an argument of the constructor'}`,
    );
  }
  for (const name of ['useCausalMask', 'returnAttentionScores'] as const) {
    if (options?.[name] != null) check(owner, name, options[name], boolean);
  }
}

/** The inputs as one list, whichever way value and key were given. */
export function sequencesOf(
  owner: string,
  inputs: Inputs,
  options: MultiHeadAttentionCallOptions,
): [Inputs, MultiHeadAttentionCallOptions] {
  const { value, key, ...rest } = options ?? {};
  // The very object, by which a model's run is known.
  if (value == null && key == null) return [inputs, options];
  const given = listOf<tf.Tensor | SymbolicTensor>(inputs);
  if (given.length === 1 && value != null) return [[...given, value, ...(key == null ? [] : [key])] as Inputs, rest];
  const was = value == null ? 'key was an option without value' : `value was an option beside ${given.length} inputs`;
  throw new Error(`${owner}: ${was}; the inputs must be the query alone with value, or a list of all`);
}

/** The Keras masks of query, value and key: those of the inputs that they are, unless a call's options hold them. */
export function masksOfSources(
  inputs: readonly tf.Tensor[],
  options: Call<MultiHeadAttentionCallOptions>,
): AttentionMasks {
  const sequences = inputs.filter(({ rank }) => rank === 3).length;
  const { masks } = options;
  const value = sequences > 1 ? 1 : 0;
  return {
    query: options.queryMask ?? masks[0] ?? null,
    value: options.valueMask ?? masks[value] ?? null,
    key: options.keyMask ?? masks[sequences > 2 ? 2 : value] ?? null,
  };
}
