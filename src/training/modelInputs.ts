import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../data/batches.js';
import type { InputShape } from '../data/kinds/kindTraits.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { kindOf, type LabelledData } from '../data/labelledData.js';
import { taskOf } from './tasks/taskOf.js';

const format = (shapes: readonly InputShape[]) =>
  shapes.map((shape) => `[${['B', ...shape.map((size) => size ?? 'length')].join(', ')}]`).join(' and ');

/** Whether the model's shape takes the data's: equal sizes, where the data's has one. */
const takes = (model: InputShape, data: InputShape) =>
  model.length === data.length && data.every((size, axis) => size === null || size === model[axis]);

/**
 * Checks that a model's inputs and outputs fit the data.
 *
 * @param owner the calling function's name, for errors
 * @param model inputs as Batch describes them, one output
 * @param data the data it shall see
 * @returns the length that the model pads to; undefined if it takes any
 * @throws Error that says which of inputs, outputs or lengths do not fit
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
  taskOf(owner, data).checkOutputs(owner, model, data);
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
