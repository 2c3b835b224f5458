// What the inputs of multi-head attention are, and which keys its queries may see.

import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { formatShape } from '../checks/tensors.js';
import { boolMask } from './boolMask.js';
import { type ClosedGaps, closeGaps, inOrder, keysAt } from './closedGaps.js';
import { formatSizes, type InputForm } from './layerInputs.js';
import { clearPadding, positionMask, type ValidPositions, validPositions } from './validPositions.js';

export interface AttentionInputs<T> {
  query: T;
  value: T;
  key: T;
  lengths?: T;
}

/**
 * Sequences have rank 3; the lengths, rank 2, stand last. Missing: value = query, key = value (as in Keras).
 *
 * @param owner the layer, for errors
 * @param inputs tensors, or their shapes
 * @param rankOf gives the rank of one
 * @throws Error that tells their ranks and what they must be
 */
export function sortInputs<T>(owner: string, inputs: readonly T[], rankOf: (input: T) => number): AttentionInputs<T> {
  const last = inputs.length > 1 ? inputs[inputs.length - 1] : undefined;
  const lengths = last !== undefined && rankOf(last) === 2 ? last : undefined;
  const sequences = lengths === undefined ? inputs : inputs.slice(0, -1);
  if (sequences.length < 1 || sequences.length > 3 || sequences.some((sequence) => rankOf(sequence) !== 3)) {
    throw new Error(
      `${owner}: inputs were of ranks [${inputs.map(rankOf).join(', ')}]; they must be query [B, N, C], then value and key ` +
        '[B, M, C] if they differ, then lengths [B, 1] if keys are padded',
    );
  }
  const [query, value = query, key = value] = sequences;
  return { query, value, key, lengths };
}

/** Names and forms of inputs of these shapes. */
export function attentionForms(owner: string, shapes: readonly Shape[]): readonly InputForm[] {
  sortInputs(owner, shapes, (shape) => shape.length);
  return shapes.map((shape, index) =>
    shape.length === 2
      ? { name: 'lengths', form: '[B, 1]', dtypes: ['float32', 'int32'] }
      : { name: ['query', 'value', 'key'][index], form: '[B, N, C]', dtypes: ['float32'] },
  );
}

/**
 * @param widths of the inputs that the weights were made for, if they were
 * @throws Error that names an input whose sizes do not fit another's
 */
export function checkAttentionSizes(
  owner: string,
  { query, value, key, lengths }: AttentionInputs<Shape>,
  widths?: Readonly<Record<'query' | 'value' | 'key', number>>,
): void {
  const fits = (was: number | null, must: number | null) => was === null || must === null || was === must;
  const fit = (name: string, shape: Shape, must: Shape, other: string, otherShape: Shape) => {
    if (must.every((size, axis) => fits(shape[axis], size))) return;
    const form = must.map((size, axis) => (size === null ? (axis === 1 ? 'M' : 'C') : String(size))).join(', ');
    throw new Error(
      `${owner}: ${name} was ${formatSizes(shape)}; it must be [${form}], to fit ${other}, ${formatSizes(otherShape)}`,
    );
  };
  fit('value', value, [query[0], null, null], 'query', query);
  fit('key', key, [query[0], value[1], null], 'value', value);
  if (lengths) fit('lengths', lengths, [key[0], 1], 'key', key);
  for (const [name, shape] of Object.entries({ query, value, key })) {
    const [width, made] = [shape[2], widths?.[name as 'query']];
    if (width === null || width < 1) {
      throw new Error(`${owner}: ${name} was ${formatSizes(shape)}; its channels must be fixed, 1 or more`);
    }
    if (made === undefined || made === width) continue;
    const must = formatSizes([...shape.slice(0, 2), made]);
    throw new Error(`${owner}: ${name} was ${formatSizes(shape)}; it must be ${must}, as its weights were made for`);
  }
}

/** Keras masks of the inputs, null where there is none. */
export interface AttentionMasks {
  query: tf.Tensor | null;
  value: tf.Tensor | null;
  key: tf.Tensor | null;
}

/** What the queries of a call may see. */
export interface Visible {
  /** B integers: keys from there on are padding. */
  keyLengths: number[];
  /** bool, broadcastable to [B, H, N, M], if lengths do not say it all. */
  mask?: tf.Tensor;
  /** Valid positions of keys and values. */
  valid: ValidPositions;
  /** Those of them that some query sees, of keys as they are after `gaps` are closed. */
  seen: ValidPositions;
  /** The order that keys and values are to take, in which all else here has them. */
  gaps?: ClosedGaps;
  /** bool [B, N, 1], if some queries see nothing. */
  queries?: tf.Tensor;
}

/**
 * Puts lengths and masks together, as Keras does: a query sees a key if its own mask, those of value and key and the
 * attention mask all say so. A Keras mask that hides only the ends of sequences becomes lengths, which every form of
 * attention knows; so does any other where the order of keys has no meaning.
 *
 * @param owner the layer, for errors
 * @param inputs of the call
 * @param masks of the inputs
 * @param heads H
 * @param attentionMask [N, M], [B, N, M] or [B, H, N, M], any size 1 that is the same for all: true or 1 where a query
 *   may see a key
 * @param isOrderFree whether keys may take another order
 * @throws Error that names the mask which does not fit
 */
export function visibleKeys(
  owner: string,
  { query, key, lengths }: AttentionInputs<tf.Tensor>,
  masks: AttentionMasks,
  heads: number,
  attentionMask: tf.Tensor | null | undefined,
  isOrderFree: boolean,
): Visible {
  const ofValue = masks.value && positionMask(owner, key, masks.value, 'the mask of value');
  const ofKey = masks.key && masks.key !== masks.value ? positionMask(owner, key, masks.key, 'the mask of key') : null;
  const both = ofValue && ofKey ? tf.logicalAnd(ofValue, ofKey) : (ofValue ?? ofKey);
  const valid = validPositions(owner, key, lengths, both, 'the mask of key');
  const [batch, n] = query.shape as [number, number];
  const m = key.shape[1]!;
  const given = attentionMask && pairMask(owner, attentionMask, [batch, heads, n, m]);
  const gaps = valid.mask && isOrderFree ? closeGaps(valid) : undefined;
  const keys: ValidPositions = gaps ? { lengths: gaps.lengths } : valid;
  const pairs = given && gaps ? keysAt(given, gaps.order) : given;
  const all = [keys.mask && tf.reshape(keys.mask, [batch, 1, 1, m]), pairs].filter((one) => one != null);
  return {
    ...{ valid, gaps },
    seen: pairs ? { ...keys, mask: seenOf(pairs, keys.mask) } : keys,
    keyLengths: keys.lengths,
    mask: all.length > 1 ? tf.logicalAnd(all[0], all[1]) : all[0],
    queries: masks.query ? tf.expandDims(positionMask(owner, query, masks.query, 'the mask of query'), 2) : undefined,
  };
}

/**
 * The inputs, keys in their order, padding harmless; those that were one tensor still are, if they can be.
 *
 * @param owner the layer, for errors
 * @param inputs of the call
 * @param visible what its queries may see
 * @param queryMask the Keras mask of query
 */
export function clearInputs(
  owner: string,
  { query, value, key }: AttentionInputs<tf.Tensor>,
  { valid, seen, gaps }: Visible,
  queryMask: tf.Tensor | null,
): Record<'query' | 'value' | 'key', tf.Tensor> {
  const isQuery = (x: tf.Tensor) => x === query && !gaps;
  const clear = (x: tf.Tensor) => clearPadding(gaps ? inOrder(x, gaps) : x, isQuery(x) ? valid : seen);
  // What no query sees may still be a query.
  const cleared = new Map([value, key].map((x) => [x, clear(x)]));
  const ownValid = () => ([value, key].includes(query) ? valid : validPositions(owner, query, undefined, queryMask));
  const queries = [value, key].some(isQuery) ? cleared.get(query)! : clearPadding(query, ownValid());
  return { query: queries, value: cleared.get(value)!, key: cleared.get(key)! };
}

/** bool [B or 1, M]: which keys, of the valid ones, any query of any head sees. */
function seenOf(pairs: tf.Tensor, valid: tf.Tensor2D | undefined): tf.Tensor2D {
  const any = tf.any<tf.Tensor2D>(pairs, [1, 2]);
  return valid ? tf.logicalAnd(any, valid) : any;
}

/** A mask of queries and keys, broadcastable to [B, H, N, M]. */
function pairMask(owner: string, mask: tf.Tensor, [batch, heads, n, m]: number[]): tf.Tensor {
  const checked = boolMask(owner, 'attentionMask', mask);
  if (mask.dtype === 'float32' && mask.size > 0 && !mask.dataSync().includes(1)) {
    throw new Error(
      `${owner}: attentionMask was float32 and 0 throughout, which hides all here, and nothing where masks are added to ` +
        'scores; it must be bool to hide all, or left out',
    );
  }
  const full = [batch, heads, n, m];
  const ranks: Record<number, number[]> = { 2: [n, m], 3: [batch, n, m], 4: full };
  const must = ranks[mask.rank];
  if (must?.every((size, axis) => mask.shape[axis] === size || mask.shape[axis] === 1)) {
    return mask.rank === 3
      ? tf.expandDims(checked, 1)
      : tf.reshape(checked, [...full.slice(mask.rank).map(() => 1), ...mask.shape]);
  }
  const forms = [ranks[3], ranks[2], full].map((sizes) => `[${sizes.join(', ')}]`);
  throw new Error(`${owner}: attentionMask was ${formatShape(mask)}; it must be ${forms.join(' or ')}`);
}
