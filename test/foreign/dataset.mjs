// tf.data and model.fitDataset, as tfjs's documents show them: node dataset.mjs BACKEND, which may be accelerate. Prints the
// losses.

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';

const [backend] = process.argv.slice(2);
if (backend === 'accelerate') await import('primal-attention/accelerate');
else await tf.setBackend(backend);

const { initializers, layers } = tf;
const fixed = () => initializers.constant({ value: 0.1 });
const model = tf.sequential({
  layers: [
    layers.conv1d({ inputShape: [8, 2], filters: 3, kernelSize: 3, activation: 'tanh', kernelInitializer: fixed() }),
    layers.lstm({ units: 3, kernelInitializer: fixed(), recurrentInitializer: fixed() }),
    layers.dense({ units: 1, kernelInitializer: fixed() }),
  ],
});
model.compile({ optimizer: tf.train.adam(0.01), loss: 'meanSquaredError' });
const wave = (i) =>
  tf.tensor2d(
    Float32Array.from({ length: 16 }, (_, at) => Math.sin(i + at)),
    [8, 2],
  );
const dataset = tf.data.generator(function* () {
  for (let i = 0; i < 24; i++) yield { xs: wave(i), ys: tf.tensor1d([Math.cos(i)]) };
});
const batches = dataset
  .map(({ xs, ys }) => ({ xs: tf.mul(xs, 2), ys }))
  .batch(6)
  .prefetch(2);
const { history } = await model.fitDataset(batches, { epochs: 3, verbose: 0, validationData: batches });
await model.evaluateDataset(batches, { batches: 2 });
console.log(JSON.stringify({ backend: tf.getBackend(), numbers: [...history.loss, ...history.val_loss] }));
