// What a saved model says of given cases, in a page and in Node.

import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import 'primal-attention'; // registers the layers that a saved model names

/** Numbers of one input of a model. */
export interface Input {
  values: number[];
  shape: number[];
}

/** The model's output for a batch, row after row. */
export function predict(model: LayersModel, inputs: Input[]): number[] {
  return tf.tidy(() => {
    const tensors = inputs.map(({ values, shape }) => tf.tensor(values, shape));
    return [...(model.predict(tensors.length === 1 ? tensors[0] : tensors) as tf.Tensor).dataSync()];
  });
}

/**
 * Loads a model by tfjs's own means, and lets it predict.
 *
 * @param url of its model.json
 */
export async function predictWith(url: string, inputs: Input[]): Promise<number[]> {
  const model = await loadLayersModel(url);
  const output = predict(model, inputs);
  model.dispose();
  return output;
}
