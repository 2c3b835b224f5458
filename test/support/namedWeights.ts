import type * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';

/** The weights of a layer by what their names say after the layer's own. */
export function namedWeights({ weights }: layers.Layer): Record<string, tf.Tensor> {
  return Object.fromEntries(
    weights.map((weight) => [weight.originalName.split('/').slice(1).join('/'), weight.read()]),
  );
}
