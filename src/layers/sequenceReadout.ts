import type * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { type CallOptions, noMask } from './sequenceLayer.js';

/** A layer that reads one vector from each sequence: [B, N, C], its only or first input, becomes [B, C]. */
export abstract class SequenceReadout extends layers.Layer {
  constructor(...args: ConstructorParameters<typeof layers.Layer>) {
    super(...args);
    this.supportsMasking = true;
  }

  /** The output for inputs as the class has them. */
  abstract override call(inputs: tf.Tensor | tf.Tensor[], options: CallOptions): tf.Tensor;

  /** The output's shape for inputs of these shapes. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const [batch, , channels] = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    return [batch, channels];
  }

  /** Positions end here, and so does their mask. */
  override computeMask(): tf.Tensor {
    return noMask;
  }
}
