// ClipByValue and Relu6 in place of tfjs's, which give a number for NaN.

import { ClipByValue, type ClipByValueAttrs, Relu6, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { runProblem } from '../../runtime/problem.js';
import { anyTypes } from '../operandChecks.js';
import { defineKernel } from '../defineKernel.js';
import { replaceKernel } from '../replaceKernel.js';

function clip(heap: Heap, x: TensorInfo, low: number, high: number): TensorInfo {
  const [result] = heap.computeOutputs([x], ([out]) =>
    runProblem(heap, 'clip', { out, x, count: util.sizeFromShape(x.shape), low, high }),
  );
  return result;
}

export const clipByValueKernel = replaceKernel<{ x: TensorInfo }, ClipByValueAttrs>(
  ClipByValue,
  (heap, { x }, { clipValueMin, clipValueMax }, check, tfjs) => {
    check.tensor('x', x, '[...]', anyTypes);
    return x.dtype === 'float32' ? clip(heap, x, clipValueMin, clipValueMax) : tfjs();
  },
);

export const relu6Kernel = replaceKernel<{ x: TensorInfo }>(Relu6, (heap, { x }, _, check, tfjs) => {
  check.tensor('x', x, '[...]', anyTypes);
  return x.dtype === 'float32' ? clip(heap, x, 0, 6) : tfjs();
});

export interface ClipGradientAttributes {
  low: number;
  high: number;
}

/** dy where low <= x <= high, else 0: the gradient of a clip. */
export const clipGradientKernel = defineKernel<Record<'x' | 'dy', TensorInfo>, ClipGradientAttributes>(
  'ClipGradient',
  (heap, { x, dy }, { low, high }, check) => {
    const shape = check.tensor('x', x);
    check.shaped('dy', dy, shape);
    const count = util.sizeFromShape(shape);
    const [result] = heap.computeOutputs([x], ([out]) =>
      runProblem(heap, 'clipBackward', { out, x, dY: dy, count, low, high }),
    );
    return result;
  },
);
