/** `import 'primal-attention/accelerate'` in programs as tfjs's examples are: the same results as before. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';

function convolutional(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({ inputShape: [12, 12, 1], kernelSize: 3, filters: 4, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      layers.conv2d({ kernelSize: 3, filters: 6, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      layers.flatten(),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

function recurrent(): LayersModel {
  return sequential({
    layers: [
      layers.lstm({ units: 5, inputShape: [12, 12], recurrentInitializer: 'glorotUniform' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

const wave = (count: number, seed: number) => Float32Array.from({ length: count }, (_, i) => Math.sin((i + 1) * seed));

/** Trains a model, and returns the losses and what it predicts then. */
async function program(make: () => LayersModel): Promise<number[]> {
  const model = make();
  model.setWeights(
    model.getWeights().map((weight, i) => tf.mul(tf.tensor(wave(weight.size, i + 1.7), weight.shape), 0.3)),
  );
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
  const shape = [6, ...(model.inputs[0].shape.slice(1) as number[])];
  const x = tf.tensor(wave(tf.util.sizeFromShape(shape), 0.7), shape);
  const y = tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2], 'int32'), 3);
  const { history } = await model.fit(x, y, { batchSize: 3, epochs: 2, shuffle: false });
  return [...(history.loss as number[]), ...(model.predict(x) as tf.Tensor).dataSync()];
}

it('changes what computes, and no result', async () => {
  await tf.setBackend('cpu');
  const before = [await program(convolutional), await program(recurrent)].flat();
  const { info } = await import('../src/accelerate.js');
  expect(tf.getBackend()).toBe('wasm');
  expect(info().kernels).toContain('Conv2DBackpropFilter');
  const after = [await program(convolutional), await program(recurrent)].flat();
  expect(after.length).toBe(before.length);
  after.forEach((value, i) => expect(value).toBeCloseTo(before[i], 4));
});
