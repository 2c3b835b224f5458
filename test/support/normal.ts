import * as tf from '@tensorflow/tfjs-core';
import { random } from './random.js';

/** The rank of a shape whose length is known to the compiler. */
type RankOf<Shape extends readonly number[]> = (typeof tf.Rank)[`R${Shape['length']}` & keyof typeof tf.Rank];

/** A tensor of standard normal numbers, the same ones for the same shape and seed. */
export function normal<const Shape extends readonly number[]>(
  shape: Shape,
  seed: number | string = 0,
): tf.Tensor<RankOf<Shape>> {
  const sizes: number[] = [...shape];
  const tensor: tf.Tensor = tf.tensor(random(`${sizes.join()} ${seed}`).normals(tf.util.sizeFromShape(sizes)), sizes);
  return tensor as tf.Tensor<RankOf<Shape>>;
}
