// Pooling of images and volumes, and its gradients, in place of tfjs's: a window without a positive number has a maximum
// and a gradient too.

import {
  AvgPool,
  AvgPool3D,
  AvgPool3DGrad,
  AvgPoolGrad,
  backend_util,
  MaxPool,
  MaxPool3D,
  MaxPool3DGrad,
  MaxPoolGrad,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { TaskName } from '../../runtime/builds.js';
import { runProblem } from '../../runtime/problem.js';
import { shareData } from '../identity.js';
import { anyTypes } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';
import { checkFit, windowFields } from './windowFields.js';

interface PoolAttributes {
  filterSize: number | [number, number];
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function poolingOf(shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttributes) {
  const info =
    shape.length === 4
      ? backend_util.computePool2DInfo(
          shape as [number, number, number, number],
          ...([filterSize, strides, 1, pad, dimRoundingMode] as const),
        )
      : backend_util.computePool3DInfo(
          shape as [number, number, number, number, number],
          ...([filterSize as number, strides as number, 1, pad as 'same', dimRoundingMode] as const),
        );
  checkFit(info);
  return info;
}

function pooling(name: string, task: 'poolMaximum' | 'poolMean') {
  return replaceKernel<{ x: TensorInfo }, PoolAttributes>(name, (heap, { x }, attributes, check, tfjs) => {
    check.tensor('x', x, '[..., C]', anyTypes);
    if (x.dtype !== 'float32') return tfjs();
    const info = poolingOf(x.shape, attributes);
    const { outShape, filterHeight, filterWidth } = info;
    const taps = filterHeight * filterWidth * ('filterDepth' in info ? info.filterDepth : 1);
    if (taps === 1 && util.arraysEqual(x.shape, outShape)) return shareData(heap, x);
    const [result] = heap.computeOutputs([{ shape: outShape, dtype: x.dtype }], ([y]) =>
      runProblem(heap, task, windowFields(info, { x, y })),
    );
    return result;
  });
}

function poolingGradient(name: string, task: TaskName & ('poolMaximumBackward' | 'poolMeanBackward')) {
  return replaceKernel<Record<'dy' | 'input', TensorInfo>, PoolAttributes>(
    name,
    (heap, { dy, input }, attributes, check, tfjs) => {
      check.tensor('dy', dy, '[..., C]', anyTypes);
      check.tensor('input', input, '[..., C]', anyTypes);
      if (dy.dtype !== 'float32' || input.dtype !== 'float32') return tfjs();
      const info = poolingOf(input.shape, attributes);
      check.shaped('dy', dy, info.outShape);
      const [result] = heap.computeOutputs([input], ([dX]) => {
        if (util.sizeFromShape(input.shape) === 0) return;
        // tfjs-core's published test wants all taps counted under explicit padding.
        const wholeWindows = typeof attributes.pad === 'object' ? 1 : 0;
        runProblem(heap, task, windowFields(info, { x: input, dY: dy, dX, wholeWindows }));
      });
      return result;
    },
  );
}

/** MaxPool, AvgPool and their gradients, of images and volumes. */
export const poolKernels = [
  pooling(MaxPool, 'poolMaximum'),
  pooling(MaxPool3D, 'poolMaximum'),
  pooling(AvgPool, 'poolMean'),
  pooling(AvgPool3D, 'poolMean'),
  poolingGradient(MaxPoolGrad, 'poolMaximumBackward'),
  poolingGradient(MaxPool3DGrad, 'poolMaximumBackward'),
  poolingGradient(AvgPoolGrad, 'poolMeanBackward'),
  poolingGradient(AvgPool3DGrad, 'poolMeanBackward'),
];
