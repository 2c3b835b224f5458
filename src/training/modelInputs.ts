import * as tf from '@tensorflow/tfjs-core';
import { LayersModel } from '@tensorflow/tfjs-layers';
import { formatValue } from '../checks/values.js';
import type { Batch } from '../data/batches.js';
import type { InputShape } from '../data/kinds/kindTraits.js';
import { checkCases, checkModelData } from '../data/checkData.js';
import { traitsOf } from '../data/kinds/traitsOf.js';
import { type Cases, kindOf } from '../data/labelledData.js';

const format = (shapes: readonly InputShape[]) =>
  shapes.map((shape) => `[${['B', ...shape.map((size) => size ?? 'length')].join(', ')}]`).join(' and ');

/** Whether the model's shape takes the data's: equal sizes, where the data's has one. */
const takes = (model: InputShape, data: InputShape) =>
  model.length === data.length && data.every((size, axis) => size === null || size === model[axis]);

/** @throws Error, in the name of `owner`, unless this is a model with one output of a known size, as classifiers have */
export function checkModel(owner: string, model: unknown): asserts model is LayersModel {
  if (!(model instanceof LayersModel)) {
    throw new Error(`${owner}: model was ${formatValue(model)}; it must be a tf.LayersModel`);
  }
  const [output] = model.outputs;
  if (model.outputs.length === 1 && [2, 3].includes(output.shape.length)) return;
  const shapes = format(model.outputs.map(({ shape }) => shape.slice(1)));
  throw new Error(
    `${owner}: the model's outputs were ${shapes}; it must have one, [B, numbers] or [B, positions, channels]`,
  );
}

/**
 * Checks all that a model shall see, and that its inputs fit it.
 *
 * @param owner the calling function's name, for errors
 * @param model inputs as Batch describes them
 * @param data the data it shall see; labels may be missing, and are not looked at
 * @returns the length that the model pads to; undefined if it takes any
 * @throws Error that says which input does not fit, or names the case, counted from 1, whose length, number or token is wrong
 */
export function inputLength(owner: string, model: LayersModel, data: Cases): number | undefined {
  checkModel(owner, model);
  checkCases(owner, data, []);
  const shapes = model.inputs.map((input) => input.shape.slice(1));
  const traits = traitsOf(data);
  const wanted = traits.inputShapes(data);
  if (
    shapes.length === 0 ||
    shapes.length > wanted.length ||
    !shapes.every((shape, index) => takes(shape, wanted[index]))
  ) {
    throw new Error(
      `${owner}: the model's inputs were ${format(shapes)}; they must be ${format(wanted)} for these ${kindOf(data)}`,
    );
  }
  checkModelData(owner, data);
  const lengths = traits.lengths(data);
  const [[length]] = shapes;
  if (lengths === undefined || length === null) return undefined;
  const other = shapes.length < wanted.length ? lengths.findIndex((positions) => positions !== length) : -1;
  if (other >= 0) {
    throw new Error(
      `${owner}: case ${other + 1} had ${lengths[other]} positions; it must have ${length}, as the model takes no lengths`,
    );
  }
  const tooLong = lengths.findIndex((positions) => positions > length);
  if (tooLong >= 0) {
    throw new Error(
      `${owner}: case ${tooLong + 1} had ${lengths[tooLong]} positions; it must have at most ${length}, the model's length`,
    );
  }
  return length;
}

/**
 * A batch's inputs as tensors, for the caller to dispose.
 *
 * @param count inputs that the model has: one of series of one length takes no lengths
 * @returns float32, each of its shape
 */
export function inputTensors({ inputs }: Batch, count: number): tf.Tensor[] {
  return inputs.slice(0, count).map(({ values, shape }) => tf.tensor(values, shape));
}
