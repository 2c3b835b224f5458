// Programs as tfjs's examples are: each builds a model, gives it weights, trains it a little, and predicts.

import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, type ModelCompileArgs, sequential } from '@tensorflow/tfjs-layers';
import { random } from './random.js';

/** What can be told of a run: losses, metrics, predictions. */
export type Program = () => Promise<number[]>;

/** Of both signs, small; the scale of a layer of `fanIn` inputs. */
function setWeights(model: LayersModel): void {
  const generator = random('weights');
  model.setWeights(
    model.getWeights().map((weight) => {
      const fanIn = weight.size / weight.shape.at(-1)!;
      return tf.tensor(generator.normals(weight.size, weight.rank === 1 ? 0.1 : 1 / Math.sqrt(fanIn)), weight.shape);
    }),
  );
}

async function train(model: LayersModel, x: tf.Tensor, y: tf.Tensor, how: ModelCompileArgs): Promise<number[]> {
  setWeights(model);
  model.compile(how);
  const { history } = await model.fit(x, y, { batchSize: 8, epochs: 2, shuffle: false, validationSplit: 0.25 });
  return [...(Object.values(history) as number[][]).flat(), ...(model.predict(x) as tf.Tensor).dataSync()];
}

const oneHot = (labels: number[], classes: number) => tf.oneHot(tf.tensor1d(labels, 'int32'), classes);

/** Digits of seven segments, moved about, on noise. */
function digits(count: number): { images: tf.Tensor; labels: number[] } {
  const generator = random('digits');
  const segments = [0x77, 0x24, 0x5d, 0x6d, 0x2e, 0x6b, 0x7b, 0x25, 0x7f, 0x6f];
  // Left, top, width and height.
  const places = [
    [0, 0, 9, 2],
    [0, 0, 2, 8],
    [7, 0, 2, 8],
    [0, 7, 9, 2],
    [0, 8, 2, 8],
    [7, 8, 2, 8],
    [0, 14, 9, 2],
  ];
  const labels = Array.from({ length: count }, (_, i) => i % 10);
  const images = labels.map((label) => {
    const image = Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [0.1 * generator.next()]));
    const [x, y] = [generator.integer(4, 14), generator.integer(3, 8)];
    places.forEach(([left, top, width, height], segment) => {
      if (!((segments[label] >> segment) & 1)) return;
      for (let row = top; row < top + height; row++) {
        for (let column = left; column < left + width; column++) image[y + row][x + column][0] += 0.8;
      }
    });
    return image;
  });
  return { images: tf.tensor4d(images), labels };
}

const optimizer = () => tf.train.adam(0.005);

/** As `mnist`: a convolutional network. */
function mnist(): Promise<number[]> {
  const { images, labels } = digits(32);
  const model = sequential();
  model.add(layers.conv2d({ inputShape: [28, 28, 1], kernelSize: 3, filters: 8, activation: 'relu' }));
  model.add(layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  model.add(layers.conv2d({ kernelSize: 3, filters: 16, activation: 'relu' }));
  model.add(layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  model.add(layers.flatten());
  model.add(layers.dropout({ rate: 0 }));
  model.add(layers.dense({ units: 32, activation: 'relu' }));
  model.add(layers.dense({ units: 10, activation: 'softmax' }));
  return train(model, images, oneHot(labels, 10), {
    ...{ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
  });
}

/** As `lstm-text-generation`: which character comes next in this project's own licence. */
function text(): Promise<number[]> {
  const characters = [...readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8').replace(/\s+/g, ' ')];
  const alphabet = [...new Set(characters)].sort();
  const codes = characters.map((character) => alphabet.indexOf(character));
  const [length, step, count] = [20, 3, 32];
  const x = tf.stack(
    Array.from({ length: count }, (_, i) => oneHot(codes.slice(i * step, i * step + length), alphabet.length)),
  );
  const next = Array.from({ length: count }, (_, i) => codes[i * step + length]);
  const model = sequential();
  const recurrentInitializer = 'glorotUniform';
  model.add(
    layers.lstm({
      ...{ units: 24, recurrentInitializer, returnSequences: true, inputShape: [length, alphabet.length] },
    }),
  );
  model.add(layers.lstm({ units: 16, recurrentInitializer }));
  model.add(layers.dense({ units: alphabet.length, activation: 'softmax' }));
  return train(model, x, oneHot(next, alphabet.length), {
    ...{ optimizer: tf.train.rmsprop(0.01), loss: 'categoricalCrossentropy' },
  });
}

/** As `sentiment`: reviews of different lengths, where words are good or bad. */
function sentiment(kind: 'lstm' | 'gru'): Promise<number[]> {
  const generator = random('reviews');
  const [words, longest, count] = [40, 15, 32];
  const reviews = Array.from({ length: count }, () => {
    const length = generator.integer(3, longest);
    return [
      ...new Array<number>(longest - length).fill(0),
      ...Array.from({ length }, () => generator.integer(1, words - 1)),
    ];
  });
  const isGood = reviews.map((review) => [
    Number(review.reduce((sum, word) => sum + (word === 0 ? 0 : word - words / 2), 0) > 0),
  ]);
  const model = sequential();
  model.add(layers.embedding({ inputDim: words, outputDim: 8, inputLength: longest }));
  model.add(layers[kind]({ units: 12, recurrentInitializer: 'glorotUniform', dropout: 0, recurrentDropout: 0 }));
  model.add(layers.dense({ units: 1, activation: 'sigmoid' }));
  return train(model, tf.tensor2d(reviews), tf.tensor2d(isGood), {
    ...{ optimizer: optimizer(), loss: 'binaryCrossentropy', metrics: ['accuracy'] },
  });
}

/** As `iris`: four measurements of three kinds of flowers. */
function iris(): Promise<number[]> {
  const generator = random('flowers');
  const means = [
    [5, 3.4, 1.5, 0.2],
    [5.9, 2.8, 4.3, 1.3],
    [6.6, 3, 5.6, 2],
  ];
  const labels = Array.from({ length: 48 }, (_, i) => i % 3);
  const flowers = labels.map((label) => means[label].map((mean) => mean + 0.3 * generator.normal()));
  const model = sequential();
  model.add(layers.dense({ units: 10, activation: 'sigmoid', inputShape: [4] }));
  model.add(layers.dense({ units: 3, activation: 'softmax' }));
  return train(model, tf.tensor2d(flowers), oneHot(labels, 3), {
    ...{ optimizer: optimizer(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] },
  });
}

export const examplePrograms: Record<string, Program> = {
  mnist,
  'lstm-text-generation': text,
  'sentiment, LSTM': () => sentiment('lstm'),
  'sentiment, GRU': () => sentiment('gru'),
  iris,
};
