// tf.layers.batchNormalization in one kernel, forward and backward. It relies on how BatchNormalization of tfjs-layers 4.22.0
// is built, which runs some forty operations, and cannot train without scale.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { batchNormalization, batchNormalizationInference } from '../batchNormalization.js';
import { fuseLayer } from './fuseLayer.js';
import { isFused } from './isFused.js';

interface LayerVariable {
  read(): Tensor;
  write(value: Tensor): unknown;
}

/** The layer as its own code knows it. */
interface Layer {
  axis: number;
  momentum: number;
  epsilon: number;
  gamma: LayerVariable | null | undefined;
  beta: LayerVariable | null | undefined;
  movingMean: LayerVariable;
  movingVariance: LayerVariable;
  invokeCallHook(inputs: Tensor | Tensor[], options: object): void;
}

type Call = (this: Layer, inputs: Tensor | Tensor[], options: { training?: boolean | null }) => Tensor | Tensor[];

/** The moving average of a statistic, as tf.layers takes it. */
function move(variable: LayerVariable, value: Tensor, momentum: number): void {
  const old = variable.read();
  variable.write(tf.sub(old, tf.mul(tf.sub(old, value), 1 - momentum)));
}

function normalize(layer: Layer, x: Tensor, axis: number, training: boolean): Tensor {
  const last = x.rank - 1;
  // Channels last; the order is its own inverse.
  const order = x.shape.map((_, at) => (at === axis ? last : at === last ? axis : at));
  const turn = (tensor: Tensor) => (axis === last ? tensor : tf.transpose(tensor, order));
  const turned = turn(x);
  const channels = x.shape[axis];
  const rows = tf.reshape(turned, [1, x.size / channels, channels]);
  const gamma = layer.gamma?.read() ?? tf.ones([channels]);
  const beta = layer.beta?.read() ?? tf.zeros([channels]);
  const { movingMean, movingVariance, momentum, epsilon } = layer;
  if (!training) {
    const y = batchNormalizationInference(rows, gamma, beta, movingMean.read(), movingVariance.read(), epsilon);
    return turn(tf.reshape(y, turned.shape));
  }
  const { value, mean, variance } = batchNormalization(rows, gamma, beta, undefined, epsilon);
  move(movingMean, mean, momentum);
  move(movingVariance, variance, momentum);
  return turn(tf.reshape(value, turned.shape));
}

/** Puts the kernel in the place of tf.layers' operations, or these back. */
export const fuseBatchNormalization = fuseLayer<Call>('BatchNormalization', (tfjsCall) => {
  return function (inputs, options) {
    const [x] = [inputs].flat();
    const axis = this.axis >= 0 ? this.axis : this.axis + x.rank;
    if (!isFused() || x.dtype !== 'float32' || x.size === 0) return tfjsCall.call(this, inputs, options);
    this.invokeCallHook(inputs, options);
    return tf.tidy(() => normalize(this, x, axis, options?.training ?? false));
  };
});
