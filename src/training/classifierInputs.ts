import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import type { InputShape } from '../data/kinds/kindTraits.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { kindOf, type LabelledData } from '../data/labelledData.js';

const format = (shapes: readonly InputShape[]) =>
  shapes.map((shape) => `[${['B', ...shape.map((size) => size ?? 'length')].join(', ')}]`).join(' and ');

/** Whether the model's shape takes the data's: equal sizes, where the data's has one. */
const takes = (model: InputShape, data: InputShape) =>
  model.length === data.length && data.every((size, axis) => size === null || size === model[axis]);

/**
 * Checks that a classifier's inputs and classes fit the data.
 *
 * @param owner the calling function's name, for errors
 * @param model a classifier: inputs as Batch describes them, one output [B, classes]
 * @param data the data it shall see
 * @returns the length that the model pads to; undefined if it takes any
 * @throws Error that says which of inputs, classes or lengths do not fit
 */
export function inputLength(owner: string, model: LayersModel, data: LabelledData): number | undefined {
  const shapes = model.inputs.map((input) => input.shape.slice(1));
  const traits = traitsOf(data);
  const wanted = traits.inputShapes(data);
  if (shapes.length !== wanted.length || !shapes.every((shape, index) => takes(shape, wanted[index]))) {
    throw new Error(
      `${owner}: the model's inputs were ${format(shapes)}; they must be ${format(wanted)} for these ${kindOf(data)}`,
    );
  }
  const classes = model.outputs[0].shape[1];
  if (data.classNames.length !== classes) {
    throw new Error(
      `${owner}: the data had ${data.classNames.length} classes; they must be ${classes}, as the model's`,
    );
  }
  const lengths = traits.lengths(data);
  const [[length]] = shapes;
  if (lengths === undefined || length === null) return undefined;
  const tooLong = lengths.findIndex((positions) => positions > length);
  if (tooLong >= 0) {
    throw new Error(
      `${owner}: case ${tooLong} had ${lengths[tooLong]} positions; it must have at most ${length}, the model's length`,
    );
  }
  return length;
}

/**
 * A batch's inputs as tensors, for the caller to dispose.
 *
 * @returns float32, each of its shape
 */
export function inputTensors({ inputs }: Batch): tf.Tensor[] {
  return inputs.map(({ values, shape }) => tf.tensor(values, shape));
}

/**
 * A batch as tensors, for the caller to dispose.
 *
 * @param batch inputs and labels
 * @param classes number of classes
 * @returns inputs, see inputTensors; labels: one-hot [B, classes], float32
 */
export function toTensors(batch: Batch, classes: number) {
  const { size, labels } = batch;
  const oneHot = new Float32Array(size * classes);
  labels.forEach((label, b) => (oneHot[b * classes + label] = 1));
  return { inputs: inputTensors(batch), labels: tf.tensor2d(oneHot, [size, classes]) };
}
