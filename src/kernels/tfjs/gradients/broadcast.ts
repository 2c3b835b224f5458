// Gradients of operations whose operands are broadcast: tfjs-core's have the shape of the output.

import {
  type GradConfig,
  greater,
  greaterEqual,
  less,
  lessEqual,
  Maximum,
  Minimum,
  mul,
  neg,
  scalar,
  SquaredDifference,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@tensorflow/tfjs-core';
import { reduceTo } from './reduceTo.js';

type Compare = (a: Tensor, b: Tensor) => Tensor;

/** The gradient goes to the operand that is the result; to `a` where they are equal. */
function choice(kernelName: string, isFirst: Compare, isSecond: Compare): GradConfig {
  return {
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => {
      const select = (chosen: Tensor, to: Tensor) => reduceTo(where(chosen, dy as Tensor, zerosLike(dy as Tensor)), to);
      return { a: () => select(isFirst(a, b), a), b: () => select(isSecond(a, b), b) };
    },
  };
}

const squaredDifference: GradConfig = {
  kernelName: SquaredDifference,
  inputsToSave: ['a', 'b'],
  gradFunc: (dy, [a, b]) => {
    const slope = () => mul(dy as Tensor, mul(scalar(2), sub(a, b)));
    return { a: () => reduceTo(slope(), a), b: () => reduceTo(neg(slope()), b) };
  },
};

export const broadcastGradients = [
  choice(Maximum, greaterEqual, less),
  choice(Minimum, lessEqual, greater),
  squaredDifference,
];
