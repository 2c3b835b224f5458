import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Weights of a model, running statistics too, outside of tfjs's heap. */
export class WeightsCopy {
  private readonly values: tf.TypedArray[];

  /** Copies what the model holds now. */
  constructor(private readonly model: LayersModel) {
    this.values = model.weights.map((weight) => weight.read().dataSync().slice());
  }

  /** Gives the model what was copied. */
  restore(): void {
    this.model.weights.forEach((weight, index) => {
      const { shape, dtype } = weight.read();
      const copy = tf.tensor(this.values[index], shape, dtype);
      weight.write(copy);
      copy.dispose();
    });
  }
}
