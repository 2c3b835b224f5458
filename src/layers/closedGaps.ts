// Keys whose mask has gaps, in an order without them: to a form of attention that knows no positions, they are padded then.

import * as tf from '@tensorflow/tfjs-core';
import { embedding } from '../ops/embedding.js';
import type { ValidPositions } from './validPositions.js';

/** An order of the positions of sequences [B, M, C]: the valid ones of each case first, both parts in their order. */
export interface ClosedGaps {
  /** int32 [B, M]: which of all B M positions stands where. */
  order: tf.Tensor2D;
  /** int32 [B, M]: where each of them stands among all. */
  places: tf.Tensor2D;
  /** B integers: valid positions. */
  lengths: number[];
}

/** The order in which the gaps of a mask come last. */
export function closeGaps({ lengths, mask }: ValidPositions): ClosedGaps {
  const [batch, positions] = mask!.shape;
  const seen = mask!.dataSync();
  const counts: number[] = [];
  const order = new Int32Array(batch * positions);
  const places = new Int32Array(batch * positions);
  for (let b = 0; b < batch; b++) {
    const isValid = (m: number) => m < lengths[b] && seen[b * positions + m] !== 0;
    const all = Array.from({ length: positions }, (_, m) => m);
    const valid = all.filter(isValid);
    counts.push(valid.length);
    [...valid, ...all.filter((m) => !isValid(m))].forEach((m, at) => {
      order[b * positions + at] = b * positions + m;
      places[b * positions + m] = b * positions + at;
    });
  }
  const tensor = (values: Int32Array) => tf.tensor2d(values, [batch, positions], 'int32');
  return { order: tensor(order), places: tensor(places), lengths: counts };
}

/** Sequences [B, M, C] in that order; differentiable. */
export function inOrder(x: tf.Tensor, { order }: ClosedGaps): tf.Tensor {
  const [batch, positions, channels] = x.shape as [number, number, number];
  return embedding(order, tf.reshape(x, [batch * positions, channels]));
}

/** Pairs of queries and keys, [B or 1, H, N, M or 1] with its keys where `order` or `places` has them. */
export function keysAt(pairs: tf.Tensor, indices: tf.Tensor2D): tf.Tensor {
  const [batch, positions] = indices.shape;
  const [own, heads, queries, keys] = pairs.shape as [number, number, number, number];
  if (keys !== positions) return pairs;
  const all = tf.tile(tf.cast(pairs, 'float32'), [batch / own, 1, 1, 1]);
  const rows = tf.reshape(tf.transpose(all, [0, 3, 1, 2]), [batch * keys, heads * queries]);
  const moved = tf.reshape(embedding(indices, rows), [batch, keys, heads, queries]);
  return tf.cast(tf.transpose(moved, [0, 2, 3, 1]), pairs.dtype);
}
