import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { normal } from '../support/normal.js';

/** What a saved model consists of, as `loadPredictor` takes it. */
export async function savedParts(model: LayersModel): Promise<{ model: object; weights: ArrayBuffer }> {
  let artifacts: tf.io.ModelArtifacts;
  await model.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(saved) });
    }),
  );
  const { weightSpecs, weightData, ...rest } = artifacts!;
  // As from a file: plain values, and undefined ones left out.
  const json = JSON.stringify({ ...rest, weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }] });
  return { model: JSON.parse(json) as object, weights: tf.io.CompositeArrayBuffer.join(weightData) };
}

/** Gives a model other weights everywhere: biases that are not 0, running statistics that are not those at the start. */
export function shuffleWeights(model: LayersModel, seed: number, deviation = 0.2): void {
  tf.tidy(() => {
    const values = model.weights.map((weight, index) => {
      const noise = tf.mul(normal(weight.shape as number[], seed + index), deviation);
      const value = tf.add(weight.read(), noise);
      return weight.originalName.endsWith('moving_variance') ? tf.add(tf.abs(value), 0.1) : value;
    });
    model.setWeights(values);
  });
}
