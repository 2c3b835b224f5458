// Convolutions of volumes, and their gradients, which tfjs gets wrong.

import {
  backend_util,
  Conv3D,
  Conv3DBackpropFilterV2,
  Conv3DBackpropInputV2,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { anyTypes } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';
import { type Convolution, convolve, differentiateFilter, differentiateInput } from './convolution.js';
import { windowFields } from './windowFields.js';

type Shape = [number, number, number, number, number];

type Size = number | [number, number, number];

interface Conv3DAttributes {
  strides: Size;
  pad: 'valid' | 'same';
  /** Default 1: tfjs-core's own calls of the gradients have none. */
  dilations?: Size;
}

export const conv3DKernel = replaceKernel<
  Record<'x' | 'filter', TensorInfo>,
  Conv3DAttributes & { dataFormat?: string }
>(Conv3D, (heap, { x, filter }, { strides, pad, dilations = 1, dataFormat = 'NDHWC' }, check, tfjs) => {
  check.tensor('x', x, '[B, D, H, W, C]', anyTypes);
  check.tensor('filter', filter, '[Q, R, S, C, O]', anyTypes);
  if (x.dtype !== 'float32' || filter.dtype !== 'float32' || dataFormat !== 'NDHWC') return tfjs();
  const shapes = [x.shape as Shape, filter.shape as Shape] as const;
  const info = backend_util.computeConv3DInfo(...shapes, strides, dilations, pad);
  const [result] = heap.computeOutputs([{ shape: info.outShape, dtype: x.dtype }], ([y]) =>
    convolve(heap, { window: windowFields(info), channels: info.outChannels }, { x, filter, y }),
  );
  return result;
});

/** Undefined where tfjs's own code has to see to it: another type, or a gradient of another shape than the output. */
function convolutionOf(
  input: number[],
  filter: number[],
  [first, dy]: [TensorInfo, TensorInfo],
  { strides, pad, dilations = 1 }: Conv3DAttributes,
): Convolution | undefined {
  const info = backend_util.computeConv3DInfo(input as Shape, filter as Shape, strides, dilations, pad);
  if (first.dtype !== 'float32' || dy.dtype !== 'float32' || !util.arraysEqual(info.outShape, dy.shape))
    return undefined;
  return { window: windowFields(info), channels: info.outChannels };
}

export const conv3DBackpropFilterKernel = replaceKernel<
  Record<'x' | 'dy', TensorInfo>,
  Conv3DAttributes & { filterShape: number[] }
>(Conv3DBackpropFilterV2, (heap, { x, dy }, attributes, check, tfjs) => {
  check.tensor('x', x, '[B, D, H, W, C]', anyTypes);
  check.tensor('dy', dy, '[B, D, H, W, O]', anyTypes);
  const { filterShape } = attributes;
  const convolution = convolutionOf(x.shape, filterShape, [x, dy], attributes);
  if (!convolution) return tfjs();
  const [result] = heap.computeOutputs([{ shape: filterShape, dtype: x.dtype }], ([dFilter]) => {
    if (util.sizeFromShape(dy.shape) > 0) differentiateFilter(heap, convolution, { x, dY: dy, dFilter });
    else heap.float32(heap.address(dFilter), util.sizeFromShape(filterShape)).fill(0);
  });
  return result;
});

export const conv3DBackpropInputKernel = replaceKernel<
  Record<'dy' | 'filter', TensorInfo>,
  Conv3DAttributes & { inputShape: number[] }
>(Conv3DBackpropInputV2, (heap, { dy, filter }, attributes, check, tfjs) => {
  check.tensor('dy', dy, '[B, D, H, W, O]', anyTypes);
  check.tensor('filter', filter, '[Q, R, S, C, O]', anyTypes);
  const { inputShape } = attributes;
  const convolution = convolutionOf(inputShape, filter.shape, [filter, dy], attributes);
  if (!convolution) return tfjs();
  const [result] = heap.computeOutputs([{ shape: inputShape, dtype: dy.dtype }], ([dX]) => {
    if (util.sizeFromShape(dy.shape) > 0) differentiateInput(heap, convolution, { dY: dy, filter, dX });
    else heap.float32(heap.address(dX), util.sizeFromShape(inputShape)).fill(0);
  });
  return result;
});
