// The weights of headsAttention, for pictures and analysis.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { headsAttention, type HeadsGroup, type HeadsLayout } from './headsAttention.js';

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
  options: Parameters<typeof headsAttention>[2],
): Tensor4D {
  const [batch, queries] = projections[layout.groups[0].q.projection].shape as [number, number];
  const keysOf = ({ k }: HeadsGroup) => projections[k.projection].shape[1]!;
  const width = Math.max(...layout.groups.map(keysOf));
  const allHeads = layout.groups.reduce((sum, { heads }) => sum + heads, 0);
  if (width === 0) return tf.zeros([batch, allHeads, queries, 0]);
  return tf.tidy(() => {
    const units = layout.groups.map((group) => {
      const unit = tf.reshape(tf.eye(keysOf(group), width), [1, keysOf(group), width]);
      return tf.tile(unit, [batch, 1, group.heads]);
    });
    const groups = layout.groups.map((group, index) => ({
      ...group,
      v: { projection: projections.length + index, column: 0 },
    }));
    const mixed = headsAttention([...projections, ...units], { ...layout, valueDepth: width, groups }, options);
    return tf.transpose(tf.reshape(mixed, [batch, queries, allHeads, width]), [0, 2, 1, 3]);
  });
}
