import type * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import type { LayerArgs } from './layerArgs.js';

/** How a layer is called. */
export interface CallOptions {
  /** Whether dropout works and batch statistics are taken. */
  training?: boolean;
  /** A Keras mask of the first input, [B, N]: true or 1 where valid; or a list of each input's, null for none. */
  mask?: tf.Tensor | (tf.Tensor | null)[];
}

/** What `computeMask` gives where there is no mask; tfjs's types do not know it. */
export const noMask = null as unknown as tf.Tensor;

/** A layer whose output has the shape of its only or first input, and whose Keras mask goes on with it. */
export abstract class SequenceLayer extends layers.Layer {
  constructor(args: LayerArgs = {}) {
    super(args);
    this.supportsMasking = true;
  }

  /** The output for inputs as the class has them. */
  abstract override call(inputs: tf.Tensor | tf.Tensor[], options: CallOptions): tf.Tensor;

  /** The output's shape for inputs of these shapes. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return Array.isArray(inputShape[0]) ? inputShape[0] : (inputShape as Shape);
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return (Array.isArray(mask) ? mask[0] : mask) as tf.Tensor;
  }
}
