// Gelu and GeluGrad: exact and tanh form, element by element.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';

export interface GeluAttributes {
  /** The tanh form. */
  approximate: boolean;
}

/** Output as x. */
export const geluKernel = defineKernel<{ x: TensorInfo }, GeluAttributes>(
  'Gelu',
  (heap, { x }, { approximate }, check) => {
    const count = util.sizeFromShape(check.tensor('x', x));
    check.flag('approximate', approximate);
    return heap.computeOutputs([x], ([out]) =>
      runProblem(heap, 'gelu', { x, out, count, approximate: Number(approximate) }),
    );
  },
);

/** Output [dX]. */
export const geluGradKernel = defineKernel<{ x: TensorInfo; dY: TensorInfo }, GeluAttributes>(
  'GeluGrad',
  (heap, { x, dY }, { approximate }, check) => {
    const count = util.sizeFromShape(check.tensor('x', x));
    check.shaped('dY', dY, x.shape);
    check.flag('approximate', approximate);
    return heap.computeOutputs([x], ([out]) =>
      runProblem(heap, 'geluBackward', { x, dY, out, count, approximate: Number(approximate) }),
    );
  },
);
