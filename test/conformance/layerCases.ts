/** Every class of tf.layers with its usual options, as small cases: an input, and a layer. */
import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';

export interface LayerCase {
  name: string;
  /** Of the inputs, batch included. */
  shapes: number[][];
  make: () => unknown;
  /** Integers below it are the input, not real numbers. */
  vocabulary?: number;
  /** What this reference gets wrong: tfjs's plain JavaScript; ours is compared with float64 elsewhere. */
  cpuIsWrong?: string;
}

const recurrent = { units: 3, recurrentInitializer: 'glorotUniform' } as const;

const one = (name: string, shape: number[], make: () => unknown, more: Partial<LayerCase> = {}): LayerCase => ({
  ...{ name, shapes: [shape], make },
  ...more,
});

const image = [2, 6, 5, 3];
const sequence = [2, 6, 3];
const volume = [2, 4, 5, 4, 2];
const activations = 'elu hardSigmoid linear relu relu6 selu sigmoid softmax softplus softsign tanh swish mish'.split(
  ' ',
);

export const layerCases: LayerCase[] = [
  ...activations.map((activation) =>
    one(`dense ${activation}`, [4, 5], () => layers.dense({ units: 3, activation: activation as 'relu' })),
  ),
  one('dense of sequences', sequence, () => layers.dense({ units: 4 })),
  one('dense without bias', [4, 5], () => layers.dense({ units: 3, useBias: false })),
  ...(['same', 'valid'] as const).map((padding) =>
    one(`conv1d ${padding}`, sequence, () => layers.conv1d({ filters: 4, kernelSize: 3, padding })),
  ),
  one('conv1d strides', sequence, () => layers.conv1d({ filters: 4, kernelSize: 3, strides: 2 })),
  ...(['same', 'valid'] as const).flatMap((padding) => [
    one(`conv2d ${padding}`, image, () => layers.conv2d({ filters: 4, kernelSize: 3, padding })),
    one(`conv2d ${padding}, strides`, image, () => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding })),
    one(`conv2d ${padding}, relu`, image, () =>
      layers.conv2d({ filters: 4, kernelSize: 2, activation: 'relu', padding }),
    ),
    one(`conv2dTranspose ${padding}`, image, () =>
      layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding }),
    ),
    one(`conv3d ${padding}`, volume, () => layers.conv3d({ filters: 3, kernelSize: 2, padding })),
    one(`conv3dTranspose ${padding}`, volume, () =>
      layers.conv3dTranspose({ filters: 3, kernelSize: 2, strides: 2, padding }),
    ),
    one(`separableConv2d ${padding}`, image, () => layers.separableConv2d({ filters: 4, kernelSize: 3, padding })),
    one(`depthwiseConv2d ${padding}`, image, () => layers.depthwiseConv2d({ kernelSize: 3, padding })),
    one(`depthwiseConv2d ${padding}, 2 filters`, image, () =>
      layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding }),
    ),
    one(`maxPooling1d ${padding}`, sequence, () => layers.maxPooling1d({ poolSize: 2, padding })),
    one(`maxPooling2d ${padding}`, image, () => layers.maxPooling2d({ poolSize: 2, padding })),
    one(`maxPooling2d ${padding}, overlapping`, image, () => layers.maxPooling2d({ poolSize: 3, strides: 1, padding })),
    one(`maxPooling3d ${padding}`, volume, () => layers.maxPooling3d({ poolSize: 2, strides: 2, padding })),
  ]),
  one('averagePooling1d', sequence, () => layers.averagePooling1d({ poolSize: 2 })),
  one('averagePooling2d', [2, 6, 4, 3], () => layers.averagePooling2d({ poolSize: 2 })),
  one('averagePooling2d same', image, () => layers.averagePooling2d({ poolSize: 2, padding: 'same' }), {
    cpuIsWrong: 'its gradient divides by all taps, its mean by those in the image',
  }),
  one('averagePooling3d', [2, 4, 4, 4, 2], () => layers.averagePooling3d({ poolSize: 2, strides: 2 })),
  one('globalMaxPooling1d', sequence, () => layers.globalMaxPooling1d({})),
  one('globalMaxPooling2d', image, () => layers.globalMaxPooling2d({})),
  one('globalAveragePooling1d', sequence, () => layers.globalAveragePooling1d({})),
  one('globalAveragePooling2d', image, () => layers.globalAveragePooling2d({})),
  one('conv2d channelsFirst', [2, 3, 6, 5], () =>
    layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' }),
  ),
  one('upSampling2d', [1, 3, 4, 2], () => layers.upSampling2d({ size: [2, 3] })),
  one('upSampling2d of a batch', image, () => layers.upSampling2d({}), { cpuIsWrong: 'its gradient mixes the batch' }),
  one('cropping2D', image, () =>
    layers.cropping2D({
      cropping: [
        [1, 1],
        [1, 0],
      ],
    }),
  ),
  one('zeroPadding2d', image, () =>
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [0, 1],
      ],
    }),
  ),
  one('flatten', image, () => layers.flatten()),
  one('reshape', [2, 6], () => layers.reshape({ targetShape: [2, 3] })),
  one('permute', sequence, () => layers.permute({ dims: [2, 1] })),
  one('repeatVector', [2, 5], () => layers.repeatVector({ n: 3 })),
  one('embedding', [3, 4], () => layers.embedding({ inputDim: 7, outputDim: 3 }), { vocabulary: 7 }),
  one('embedding with mask', [3, 4], () => layers.embedding({ inputDim: 7, outputDim: 3, maskZero: true }), {
    vocabulary: 7,
  }),
  one('batchNormalization', [4, 5], () => layers.batchNormalization()),
  one('batchNormalization of images', image, () => layers.batchNormalization()),
  one('layerNormalization', sequence, () => layers.layerNormalization()),
  one('prelu', [4, 5], () => layers.prelu({ alphaInitializer: 'ones' })),
  one('leakyReLU', [4, 5], () => layers.leakyReLU()),
  one('elu', [4, 5], () => layers.elu()),
  one('relu', [4, 5], () => layers.reLU()),
  one('relu of 6', [4, 5], () => layers.reLU({ maxValue: 6 })),
  one('thresholdedReLU', [4, 5], () => layers.thresholdedReLU()),
  one('softmax', [4, 5], () => layers.softmax()),
  one('activation', [4, 5], () => layers.activation({ activation: 'tanh' })),
  one('dropout', [4, 5], () => layers.dropout({ rate: 0 })),
  one('masking', sequence, () => layers.masking({ maskValue: 0 })),
  ...(['lstm', 'gru', 'simpleRNN'] as const).flatMap((kind) => [
    one(kind, sequence, () => layers[kind](recurrent)),
    one(`${kind}, sequences`, sequence, () => layers[kind]({ ...recurrent, returnSequences: true })),
    one(`${kind}, backwards`, sequence, () => layers[kind]({ ...recurrent, goBackwards: true })),
    one(`bidirectional ${kind}`, sequence, () =>
      layers.bidirectional({ layer: layers[kind](recurrent), mergeMode: 'concat' }),
    ),
  ]),
  one('convLstm2d', [2, 3, 5, 5, 2], () =>
    layers.convLstm2d({ filters: 3, kernelSize: 3, recurrentInitializer: 'glorotUniform' }),
  ),
  one('leakyReLU of 0.1', [4, 5], () => layers.leakyReLU({ alpha: 0.1 })),
  one('thresholdedReLU of 0.2', [4, 5], () => layers.thresholdedReLU({ theta: 0.2 })),
  one('prelu with shared axes', image, () => layers.prelu({ alphaInitializer: 'ones', sharedAxes: [1, 2] })),
  one('dense with regularizers', [4, 5], () =>
    layers.dense({ units: 3, kernelRegularizer: 'l1l2', biasRegularizer: 'l1l2' }),
  ),
  one('dense with constraints', [4, 5], () => layers.dense({ units: 3, kernelConstraint: 'unitNorm' })),
  one('conv1d, tanh', sequence, () => layers.conv1d({ filters: 4, kernelSize: 2, activation: 'tanh' })),
  one('conv2d of one tap', image, () => layers.conv2d({ filters: 4, kernelSize: 1 })),
  one('conv2d without bias, tanh', image, () =>
    layers.conv2d({ filters: 4, kernelSize: [2, 3], useBias: false, activation: 'tanh' }),
  ),
  one('conv2d, filter smaller than its stride', image, () => layers.conv2d({ filters: 2, kernelSize: 1, strides: 2 })),
  one('conv3d, strides', volume, () => layers.conv3d({ filters: 3, kernelSize: 2, strides: 2 })),
  one('separableConv2d, strides', image, () => layers.separableConv2d({ filters: 4, kernelSize: 3, strides: 2 })),
  one('separableConv2d, 2 filters', image, () =>
    layers.separableConv2d({ filters: 4, kernelSize: 2, depthMultiplier: 2 }),
  ),
  one('depthwiseConv2d, strides', image, () => layers.depthwiseConv2d({ kernelSize: 3, strides: 2 })),
  one('conv2dTranspose without strides', image, () => layers.conv2dTranspose({ filters: 4, kernelSize: 2 })),
  one('maxPooling1d, strides', sequence, () => layers.maxPooling1d({ poolSize: 3, strides: 1 })),
  one('averagePooling1d, strides', sequence, () => layers.averagePooling1d({ poolSize: 3, strides: 1 })),
  one('averagePooling2d, overlapping', image, () => layers.averagePooling2d({ poolSize: 3, strides: 1 })),
  one('layerNormalization of images', image, () => layers.layerNormalization()),
  one('layerNormalization of two axes', sequence, () => layers.layerNormalization({ axis: [1, 2] })),
  one('batchNormalization of sequences', sequence, () => layers.batchNormalization({ momentum: 0.5 })),
  one('spatialDropout1d', sequence, () => layers.spatialDropout1d({ rate: 0 })),
  one('gaussianNoise', [4, 5], () => layers.gaussianNoise({ stddev: 0 })),
  one('gaussianDropout', [4, 5], () => layers.gaussianDropout({ rate: 0 })),
  one('alphaDropout', [4, 5], () => layers.alphaDropout({ rate: 0 })),
  one('rescaling', image, () => layers.rescaling({ scale: 0.5, offset: 0.1 })),
  ...(['lstm', 'gru', 'simpleRNN'] as const).flatMap((kind) => [
    one(`${kind}, another sigmoid`, sequence, () =>
      layers[kind]({ ...recurrent, recurrentActivation: 'sigmoid' } as never),
    ),
    one(`${kind}, relu`, sequence, () => layers[kind]({ ...recurrent, activation: 'relu' })),
    one(`${kind} without bias`, sequence, () => layers[kind]({ ...recurrent, useBias: false })),
    one(`${kind}, sequences backwards`, sequence, () =>
      layers[kind]({ ...recurrent, goBackwards: true, returnSequences: true }),
    ),
  ]),
  one('rnn of an LSTM cell', sequence, () => layers.rnn({ cell: layers.lstmCell(recurrent) })),
  one('rnn of a GRU cell', sequence, () => layers.rnn({ cell: layers.gruCell(recurrent) })),
  one('rnn of a simple cell', sequence, () => layers.rnn({ cell: layers.simpleRNNCell(recurrent) })),
  one('rnn of stacked cells', sequence, () =>
    layers.rnn({
      cell: layers.stackedRNNCells({ cells: [layers.lstmCell(recurrent), layers.gruCell(recurrent)] }),
    }),
  ),
  ...(['sum', 'mul', 'ave'] as const).map((mergeMode) =>
    one(`bidirectional, ${mergeMode}`, sequence, () =>
      layers.bidirectional({ layer: layers.lstm(recurrent), mergeMode }),
    ),
  ),
  one('timeDistributed convolutions', [2, 3, 5, 5, 2], () =>
    layers.timeDistributed({ layer: layers.conv2d({ filters: 2, kernelSize: 3 }) }),
  ),
  one('convLstm2d, sequences', [2, 3, 4, 4, 2], () =>
    layers.convLstm2d({ filters: 2, kernelSize: 2, recurrentInitializer: 'glorotUniform', returnSequences: true }),
  ),
  one('timeDistributed', sequence, () => layers.timeDistributed({ layer: layers.dense({ units: 3 }) })),
  ...(['add', 'average', 'multiply', 'maximum', 'minimum', 'concatenate'] as const).map((kind): LayerCase => ({
    ...{
      name: kind,
      shapes: [
        [4, 5],
        [4, 5],
      ],
      make: () => layers[kind](),
    },
  })),
  {
    name: 'dot',
    shapes: [
      [4, 3, 5],
      [4, 2, 5],
    ],
    make: () => layers.dot({ axes: 2 }),
  },
];

/** Inputs of a case: real numbers of both signs, or integers. */
export function inputsOf({ shapes, vocabulary }: LayerCase): tf.Tensor[] {
  return shapes.map((shape, i) => {
    const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, at) =>
      Math.sin((at + 1) * (i + 1.37) * 7.9),
    );
    return tf.tensor(vocabulary ? values.map((value) => Math.floor((value + 1) * 0.499 * vocabulary)) : values, shape);
  });
}
