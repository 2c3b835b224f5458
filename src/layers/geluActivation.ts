import * as tf from '@tensorflow/tfjs-core';
import { gelu } from '../ops/gelu.js';
import type { LayerArgs } from './layerArgs.js';
import { SequenceLayer } from './sequenceLayer.js';

/** The exact GELU as a layer: any shape in, the same shape out. tfjs-layers has no activation of this name. */
export class GeluActivation extends SequenceLayer {
  static readonly className = 'GeluActivation';

  constructor(args: LayerArgs = {}) {
    super(args);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => gelu(Array.isArray(inputs) ? inputs[0] : inputs));
  }
}

tf.serialization.registerClass(GeluActivation);
