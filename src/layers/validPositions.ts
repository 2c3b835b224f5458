import * as tf from '@tensorflow/tfjs-core';

/**
 * Marks the positions of a padded batch that hold data.
 *
 * @param shape [B, N], samples and positions
 * @param lengths [B, 1], valid positions of each sample, from 0 to N; missing: all are valid
 * @param mask [B, N], a Keras mask: true or 1 where valid
 * @returns float32 [B, N], 1 where both say valid, else 0
 */
export function validPositions([batch, n]: [number, number], lengths?: tf.Tensor, mask?: tf.Tensor): tf.Tensor2D {
  const valid = new Float32Array(batch * n).fill(lengths ? 0 : 1);
  lengths?.dataSync().forEach((length, b) => valid.fill(1, b * n, b * n + length));
  const positions = tf.tensor2d(valid, [batch, n]);
  return mask ? tf.mul(positions, tf.cast(tf.reshape(mask, [batch, n]), 'float32')) : positions;
}
