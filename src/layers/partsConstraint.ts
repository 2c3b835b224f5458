import * as tf from '@tensorflow/tfjs-core';
import type { Projection, Source } from './headProjections.js';
import type { Constraint } from './kerasObjects.js';

/** A constraint of each part by itself, so that it does not depend on how the columns are grouped. */
export function partsConstraint(
  { parts }: Projection,
  widths: Readonly<Record<Source, number>>,
  constraint: Constraint,
): Constraint {
  const apply = (weight: tf.Tensor) =>
    tf.tidy(() => {
      const pieces = tf.split(
        weight,
        parts.map(({ of, from, to }) => (to - from) * widths[of]),
        weight.rank - 1,
      );
      return tf.concat(
        pieces.map((piece) => constraint.apply(piece)),
        weight.rank - 1,
      );
    });
  return { apply } as unknown as Constraint;
}
