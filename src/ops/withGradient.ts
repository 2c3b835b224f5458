import * as tf from '@tensorflow/tfjs-core';

/** What a custom operation gives back: its value, and the gradients of its inputs from that of the value. */
export interface Differentiable<T extends tf.Tensor> {
  value: T;
  /** One gradient for each input, in order, each with that input's shape. */
  gradFunc: (dy: T, saved: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
}

/**
 * `tf.customGrad` with types: runs `forward` and registers its gradient.
 *
 * @param inputs the tensors to differentiate in; `forward` uses them from its closure
 * @param forward gets `save`, which keeps the tensors that `gradFunc` needs until the backward pass
 * @returns the value
 */
export function withGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: (save: (tensors: tf.Tensor[]) => void) => Differentiable<T>,
): T {
  return tf.customGrad<T>((...args) => forward(args[inputs.length] as tf.GradSaveFunc))(...inputs);
}
