// Models as users of tfjs write them, of tf.layers alone, with random data.

import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { normal } from '../random.js';

/** A model of tf.layers and the batch that it trains on. */
export interface AnyModel {
  name: string;
  /** What it is, in a line. */
  text: string;
  batch: number;
  /** Of a case. */
  shape: readonly number[];
  classes: number;
  make: () => LayersModel;
}

function cnn(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({ inputShape: [28, 28, 1], filters: 16, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

/** MobileNet's blocks: a depthwise convolution, then a pointwise one, each with batch normalisation and ReLU6. */
function mobileNet(): LayersModel {
  const model = sequential();
  const finish = () => {
    model.add(layers.batchNormalization());
    model.add(layers.reLU({ maxValue: 6 }));
  };
  const same = { padding: 'same', useBias: false } as const;
  model.add(layers.conv2d({ inputShape: [96, 96, 3], filters: 16, kernelSize: 3, strides: 2, ...same }));
  finish();
  for (const [filters, strides] of [
    [32, 1],
    [64, 2],
    [128, 2],
  ]) {
    model.add(layers.depthwiseConv2d({ kernelSize: 3, strides, ...same }));
    finish();
    model.add(layers.conv2d({ filters, kernelSize: 1, ...same }));
    finish();
  }
  model.add(layers.globalAveragePooling2d({}));
  model.add(layers.dense({ units: 10, activation: 'softmax' }));
  return model;
}

function recurrent(kind: 'lstm' | 'gru'): LayersModel {
  return sequential({
    layers: [
      // tfjs's default, orthogonal, takes seconds.
      layers[kind]({ units: 64, inputShape: [100, 16], recurrentInitializer: 'glorotUniform' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

function mlp(): LayersModel {
  return sequential({
    layers: [
      layers.dense({ units: 512, inputShape: [784], activation: 'relu' }),
      layers.dense({ units: 512, activation: 'relu' }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}

const classes = 10;

export const anyModels: readonly AnyModel[] = [
  {
    ...{ name: 'cnn', text: '28x28x1, two convolutions 3x3 (16, 32), max pooling, dense', make: cnn },
    ...{ batch: 32, shape: [28, 28, 1], classes },
  },
  {
    ...{ name: 'mobilenet', text: '96x96x3, convolution, three depthwise blocks 16 to 128', make: mobileNet },
    ...{ batch: 4, shape: [96, 96, 3], classes },
  },
  {
    ...{ name: 'lstm', text: '100 steps of 16, 64 units, dense', make: () => recurrent('lstm') },
    ...{ batch: 32, shape: [100, 16], classes },
  },
  {
    ...{ name: 'gru', text: '100 steps of 16, 64 units, dense', make: () => recurrent('gru') },
    ...{ batch: 32, shape: [100, 16], classes },
  },
  { ...{ name: 'mlp', text: '784-512-512-10', make: mlp }, batch: 128, shape: [784], classes },
];

/** The same weights in every process: small normal numbers; normalisation's as they are. */
export function setWeights(model: LayersModel): void {
  for (const weight of model.trainableWeights) {
    const { shape, originalName } = weight;
    if (!/kernel/.test(originalName)) continue;
    const sizes = shape as number[];
    const count = tf.util.sizeFromShape(sizes);
    const scale = Math.sqrt(1 / (/depthwise/.test(originalName) ? 9 : count / sizes.at(-1)!));
    const values = normal(originalName, count).map((value) => scale * value);
    tf.tidy(() => void weight.write(tf.tensor(values, sizes)));
  }
}
