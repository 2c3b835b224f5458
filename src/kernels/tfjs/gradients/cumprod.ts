// The gradient of products of all numbers so far, zeros among them.

import {
  cumprod,
  Cumprod,
  type GradConfig,
  mul,
  reverse,
  stack,
  add,
  type Tensor,
  unstack,
  zerosLike,
} from '@tensorflow/tfjs-core';

/**
 * With y_j the product of x_0 .. x_j, dX_i is the product of the numbers before x_i times R_i, where
 * R_i = dY_i + x_(i+1) R_(i+1); exclusive products end one number earlier, and so does the sum.
 */
function gradientOf(dY: Tensor, x: Tensor, axis: number, exclusive: boolean): Tensor {
  const [values, gradients] = [unstack(x, axis), unstack(dY, axis)];
  const rests = new Array<Tensor>(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    const own = exclusive ? gradients[i + 1] : gradients[i];
    const later = i + 1 < values.length ? mul(values[i + 1], rests[i + 1]) : undefined;
    rests[i] = own && later ? add(own, later) : (own ?? later ?? zerosLike(values[i]));
  }
  return mul(cumprod(x, axis, true), stack(rests, axis));
}

export const cumprodGradient: GradConfig = {
  kernelName: Cumprod,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => {
    const {
      axis,
      exclusive,
      reverse: backwards,
    } = attributes as { axis: number; exclusive: boolean; reverse: boolean };
    const turn = (tensor: Tensor) => (backwards ? reverse(tensor, axis) : tensor);
    return { x: () => turn(gradientOf(turn(dy as Tensor), turn(x), axis, exclusive)) };
  },
};
