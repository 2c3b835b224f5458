// What the inputs of a layer must be, and the errors that say so. `owner` is the layer's class, as they name it.

import * as tf from '@tensorflow/tfjs-core';
import { type LayerVariable, type Shape, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkTensor } from '../checks/tensors.js';
import { formatValue } from '../checks/values.js';

/** What an input must be. */
export interface InputForm {
  name: string;
  /** Its shape: '[B, N, C]', or '[..., C]' for any rank that leaves room for the last sizes. */
  form: string;
  dtypes: readonly string[];
}

export const shapesOf = (shape: Shape | Shape[]): Shape[] => (Array.isArray(shape[0]) ? shape : [shape]) as Shape[];
export const formatSizes = (shape: Shape) => `[${shape.map((size) => size ?? 'null').join(', ')}]`;

/** @throws Error if the inputs are not tensors, or not symbolic ones all of them */
export function checkKinds(owner: string, given: readonly (tf.Tensor | SymbolicTensor)[]): void {
  const symbolic = given.filter((one) => one instanceof SymbolicTensor).length;
  for (const one of given) {
    if (one instanceof tf.Tensor || (one instanceof SymbolicTensor && symbolic === given.length)) continue;
    const was = `an input was ${formatValue(one)}`;
    if (
      (one as Partial<object> | undefined)?.constructor?.name === SymbolicTensor.name &&
      !(one instanceof SymbolicTensor)
    ) {
      throw new Error(
        `${owner}: ${was} of another copy of @tensorflow/tfjs-layers than primal-attention has; they must be ` +
          'one: npm ls @tensorflow/tfjs-layers shows both',
      );
    }
    throw new Error(`${owner}: ${was}; the inputs must be tensors, or symbolic ones all of them`);
  }
}

/** @throws Error that names an input of another rank than its form has */
export function checkForms(owner: string, shapes: readonly Shape[], forms: readonly InputForm[]): void {
  shapes.forEach((shape, index) => {
    const { name, form } = forms[index];
    const sizes = form.split(',');
    const any = sizes[0].startsWith('[...');
    if (any ? shape.length >= sizes.length || form === '[...]' : shape.length === sizes.length) return;
    throw new Error(`${owner}: ${name} was ${formatSizes(shape)}; it must be ${form}`);
  });
}

/** @throws Error that names an input of another type than its form has, or one that is disposed */
export function checkTypes(
  owner: string,
  given: readonly (tf.Tensor | SymbolicTensor)[],
  forms: readonly InputForm[],
): void {
  given.forEach((one, index) => {
    const { name, dtypes } = forms[index];
    if (one instanceof tf.Tensor) checkTensor(owner, name, one, [...dtypes]);
    else if (!dtypes.includes(one.dtype)) {
      throw new Error(`${owner}: ${name} was ${one.dtype}; it must be ${dtypes.join(' or ')}`);
    }
  });
}

/** @throws Error that names a tensor of the argument `weights` which does not fit */
export function checkInitialWeights(owner: string, weights: readonly LayerVariable[], given: readonly unknown[]): void {
  if (given.length !== weights.length) {
    throw new Error(`${owner}: weights held ${given.length} tensors; it must hold ${weights.length}`);
  }
  weights.forEach(({ shape, originalName }, index) => {
    const name = `weights[${index}]`;
    checkTensor(owner, name, given[index], ['float32']);
    const was = (given[index] as tf.Tensor).shape;
    if (tf.util.arraysEqual(was, shape as number[])) return;
    throw new Error(`${owner}: ${name} was ${formatSizes(was)}; it must be ${formatSizes(shape)}, as ${originalName}`);
  });
}
