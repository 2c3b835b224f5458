// Blend: a weighted sum of two tensors.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';

/** Factors of the first and the second input. */
export interface BlendAttributes {
  a: number;
  b: number;
}

/** x and y of one shape; output [a x + b y]. */
export const blendKernel = defineKernel<{ x: TensorInfo; y: TensorInfo }, BlendAttributes>(
  'Blend',
  (heap, { x, y }, { a, b }, check) => {
    check.shaped('y', y, check.tensor('x', x));
    check.number('a', a);
    check.number('b', b);
    return heap.computeOutputs([x], ([out]) =>
      runProblem(heap, 'blend', { x, y, out, count: util.sizeFromShape(x.shape), a, b }),
    );
  },
);
