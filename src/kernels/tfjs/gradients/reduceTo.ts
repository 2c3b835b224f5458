import { reshape, sum, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The gradient of an operand that was broadcast: the sum over what it was broadcast to. tfjs's `getReductionAxes` does not know
 * of what was broadcast to nothing.
 */
export function reduceTo(gradient: Tensor, { shape }: Tensor): Tensor {
  const missing = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => (size === (shape[axis - missing] ?? -1) ? [] : [axis]));
  return reshape(axes.length > 0 ? sum(gradient, axes) : gradient, shape);
}
