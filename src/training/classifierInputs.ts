import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import type { TimeSeriesData } from '../data/timeSeries.js';

/**
 * The length that a time-series classifier pads to, after a check that it fits the data.
 *
 * @param owner the calling function's name, for errors
 * @param model inputs [B, length, channels] and [B, 1], output [B, classes]
 * @param data the data it shall see
 * @throws Error if the model's inputs are others, or channels, classes or lengths do not fit
 */
export function inputLength(owner: string, model: LayersModel, data: TimeSeriesData): number {
  const [series, lengths] = model.inputs.map((input) => input.shape);
  if (model.inputs.length !== 2 || series.length !== 3 || lengths.length !== 2 || series[1] === null) {
    const shapes = model.inputs.map((input) => `[${input.shape.map((size) => size ?? 'B').join(', ')}]`).join(' and ');
    throw new Error(`${owner}: the model's inputs were ${shapes}; they must be [B, length, channels] and [B, 1]`);
  }
  const [, length, channels] = series;
  const classes = model.outputs[0].shape[1];
  if (data.channels !== channels) {
    throw new Error(`${owner}: the data had ${data.channels} channels; they must be ${channels}, as the model's`);
  }
  if (data.classNames.length !== classes) {
    throw new Error(
      `${owner}: the data had ${data.classNames.length} classes; they must be ${classes}, as the model's`,
    );
  }
  const tooLong = data.lengths.findIndex((positions) => positions > length);
  if (tooLong >= 0) {
    throw new Error(
      `${owner}: series ${tooLong} had ${data.lengths[tooLong]} positions; it must have at most ${length}, the model's length`,
    );
  }
  return length;
}

/**
 * A batch as tensors, for the caller to dispose.
 *
 * @param model as for inputLength
 * @param batch padded to the model's length
 * @returns inputs: series [B, length, channels] and lengths [B, 1]; labels: one-hot [B, classes], float32
 */
export function toTensors(model: LayersModel, { size, series, lengths, labels }: Batch) {
  const [, length, channels] = model.inputs[0].shape as [null, number, number];
  const classes = model.outputs[0].shape[1]!;
  const oneHot = new Float32Array(size * classes);
  labels.forEach((label, b) => (oneHot[b * classes + label] = 1));
  return {
    inputs: [tf.tensor3d(series, [size, length, channels]), tf.tensor2d(lengths, [size, 1])],
    labels: tf.tensor2d(oneHot, [size, classes]),
  };
}
