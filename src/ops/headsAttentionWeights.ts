// The weights of headsAttention, for pictures and analysis.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { checkLayout, headsAttention } from './headsAttention.js';
import type { Columns, HeadsGroup, HeadsLayout, HeadsOptions } from './headsRuns.js';

/**
 * The weights by which `headsAttention` with the same arguments mixes the values. Slow, and of the size that it avoids: the
 * kernel runs with the unit matrix for values, so that what is shown is what it does.
 *
 * @param projections as for `headsAttention`.
 * @param layout as for `headsAttention`.
 * @param options as for `headsAttention`.
 * @returns float32 [B, H, N, M], M the keys of the group that has most; groups with fewer have zeros behind.
 * @throws Error as `headsAttention` does.
 */
export function headsAttentionWeights(
  projections: readonly Tensor[],
  layout: HeadsLayout,
  options: HeadsOptions,
): Tensor4D {
  checkLayout(projections, layout);
  const [batch, queries] = projections[layout.groups[0].q.projection].shape as [number, number];
  const keysOf = ({ k }: HeadsGroup) => projections[k.projection].shape[1]!;
  const width = Math.max(...layout.groups.map(keysOf));
  const allHeads = layout.groups.reduce((sum, { heads }) => sum + heads, 0);
  if (width === 0) return tf.zeros([batch, allHeads, queries, 0]);
  return tf.tidy(() => {
    // Columns of their own: the gradient of a projection holds nothing but what the attention reads of it.
    const columnsOf = ({ projection, column }: Columns, count: number) =>
      tf.slice(projections[projection], [0, 0, column], [-1, -1, count]);
    const operands = layout.groups.flatMap(({ heads, q, k }) => {
      const keys = projections[k.projection].shape[1]!;
      const unit = tf.tile(tf.reshape(tf.eye(keys, width), [1, keys, width]), [batch, 1, heads]);
      return [columnsOf(q, heads * layout.headWidth), columnsOf(k, heads * layout.headWidth), unit];
    });
    const groups = layout.groups.map(({ heads, scale }, index) => {
      const [q, k, v] = [0, 1, 2].map((operand) => ({ projection: 3 * index + operand, column: 0 }));
      return { heads, scale, q, k, v };
    });
    const mixed = headsAttention(operands, { ...layout, valueWidth: width, groups }, options);
    return tf.transpose(tf.reshape(mixed, [batch, queries, allHeads, width]), [0, 2, 1, 3]);
  });
}
