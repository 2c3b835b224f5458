// pa.attentionWeights: the weights themselves, for pictures and analysis.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { attention } from './attention.js';
import type { AttentionOptions } from './attentionOptions.js';
import { checkShapes } from './attentionShapes.js';
import { resolveAttention } from './resolveAttention.js';

/**
 * The weights by which `attention` with the same arguments mixes the values. Slow, and of the size that `attention`
 * avoids: the kernel runs with the unit matrix for values, so that what is shown is what it does.
 *
 * @param q float32 [B, H, N, D].
 * @param k float32 [B, G, M, D].
 * @param options as for `attention`.
 * @returns float32 [B, H, N, M]. With `headScales` the keys are the averaged ones: [B, H, N, max_g ceil(M / r_g)], and
 *   heads with fewer of them have zeros behind.
 * @throws Error as `attention` does.
 */
export function attentionWeights(q: Tensor, k: Tensor, options: AttentionOptions = {}): Tensor4D {
  const sizes = checkShapes(q, k);
  const { batch, heads, keyHeads, queries, keys } = sizes;
  resolveAttention(options, sizes);
  const { headScales = new Array<number>(keyHeads).fill(1) } = options;
  if (keys === 0) return tf.zeros([batch, heads, queries, 0]);
  return tf.tidy(() => {
    // Position n counts for averaged key floor(n / r).
    const width = Math.max(...headScales.map((scale) => Math.ceil(keys / scale)));
    const values = tf.buffer([1, keyHeads, keys, width], 'float32');
    headScales.forEach((scale, g) => {
      for (let n = 0; n < keys; n++) values.set(1, 0, g, n, Math.floor(n / scale));
    });
    return attention(q, k, tf.tile(values.toTensor() as Tensor4D, [batch, 1, 1, 1]), options);
  });
}
