import * as tf from '@tensorflow/tfjs-core';
import type { Projection, Source } from './headProjections.js';
import type { Initializer } from './kerasObjects.js';

/**
 * Initial values of a projection: the columns of the kernels (or biases) on paper, each made whole by its own
 * initializer, so that they do not depend on how the columns are grouped.
 */
export function partsInitializer(
  { parts }: Projection,
  heads: number,
  widths: Record<Source, number>,
  initializers: Record<Source, Initializer>,
): Initializer {
  const apply = (shape: number[]) =>
    tf.tidy(() => {
      const columns = parts.map(({ of, from, to }) => {
        const whole = initializers[of].apply([...shape.slice(0, -1), heads * widths[of]]);
        const begin = [...shape.slice(0, -1).map(() => 0), from * widths[of]];
        return tf.slice(whole, begin, [...shape.slice(0, -1), (to - from) * widths[of]]);
      });
      return tf.concat(columns, shape.length - 1);
    });
  return { apply } as unknown as Initializer;
}
