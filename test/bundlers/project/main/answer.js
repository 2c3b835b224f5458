// The whole package at work: attention, its gradient, a saved model, one that learns. It has to say the same wherever it runs.

import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { attention, fit, init, timeSeriesClassifier } from 'primal-attention';
import { length, model, value, weights } from '../saved.js';

const heads = (phase) =>
  tf.tensor4d(
    Float32Array.from({ length: 9600 }, (_, i) => Math.sin(i * i + phase)),
    [2, 4, 75, 16],
  );

function attend() {
  return tf.tidy(() => {
    const [q, k, v] = [0, 1, 2].map(heads);
    const options = { batchNorm: true, headScales: [1, 1, 2, 2] };
    const gradient = tf.grad((x) => tf.sum(tf.mul(attention(x, k, v, options), v)))(q);
    return [attention(q, k, v, options), gradient].flatMap((result) => [...tf.sum(result, -1).dataSync()]);
  });
}

async function learn() {
  const labels = Array.from({ length: 16 }, (_, index) => index % 2);
  const series = labels.map((label, index) =>
    Float32Array.from({ length: 20 }, (_, t) => ((label ? t : -t) + Math.sin(index * t)) / 10),
  );
  const data = { series, lengths: labels.map(() => 20), channels: 1, labels, classNames: ['falling', 'rising'] };
  const sizes = { channels: 1, length: 20, classes: 2, width: 32, feedForward: 64, heads: 4, layers: 2 };
  const learner = timeSeriesClassifier({ ...sizes, attention: { batchNorm: true }, seed: 1 });
  const history = await fit(learner, data, { epochs: 3, batchSize: 16, learningRate: 0.003, seed: 1 });
  learner.dispose();
  return history.map(({ loss }) => loss);
}

async function predict() {
  const read = (manifest) => Promise.resolve([tf.io.getWeightSpecs(manifest), weights.buffer]);
  const saved = await loadLayersModel({ load: () => tf.io.getModelArtifactsForJSON(model, read) });
  const padded = [...value, ...new Array(length - value.length).fill(value[0].map(() => 0))];
  return tf.tidy(() => [...saved.predict([tf.tensor3d([padded]), tf.tensor2d([[value.length]])]).dataSync()]);
}

/** @param options of init, where the runtime needs any */
export async function answer(options = {}) {
  const { threads, build, notes } = await init(options);
  const attended = attend();
  const firstResult = performance.now();
  const results = { attended, probabilities: await predict(), losses: await learn() };
  return { results, threads, build, notes, firstResult };
}
