// Convolutions of images and their gradients. tfjs's own Conv2D, XNNPACK's, stays where it is right.

import {
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { runPlain } from '../../runtime/plain.js';
import { defineKernel } from '../defineKernel.js';
import { anyTypes } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';
import { type Convolution, convolve, differentiateFilter, differentiateInput } from './convolution.js';
import { windowFields } from './windowFields.js';

type Size = number | [number, number];

/** What the kernels of a convolution have in common; `dilations` of the gradients is ours: tfjs has none there. */
export interface Conv2DAttributes {
  strides: Size;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat?: 'NHWC' | 'NCHW';
  dilations?: Size;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

function convolutionOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations = 1, dimRoundingMode }: Conv2DAttributes,
): Convolution & { outShape: number[] } {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    ...([strides, dilations, pad, dimRoundingMode] as const),
  );
  return { window: windowFields(info), channels: info.outChannels, outShape: info.outShape };
}

/** What our kernels compute: float32, channels last. */
const isOurs = (a: TensorInfo, b: TensorInfo, { dataFormat = 'NHWC' }: Conv2DAttributes) =>
  a.dtype === 'float32' && b.dtype === 'float32' && dataFormat === 'NHWC';

/** Whether XNNPACK, as tfjs calls it, convolves rightly: with a filter smaller than its stride it does not. */
function isTfjs({ window }: Convolution, { pad }: Conv2DAttributes): boolean {
  return pad !== 'same' || (window.kernelRows >= window.rowStep && window.kernelColumns >= window.columnStep);
}

export const conv2DKernel = replaceKernel<Record<'x' | 'filter', TensorInfo>, Conv2DAttributes>(
  Conv2D,
  (heap, { x, filter }, attributes, check, tfjs) => {
    check.tensor('x', x, '[B, H, W, C]', anyTypes);
    check.tensor('filter', filter, '[R, S, C, O]', anyTypes);
    if (!isOurs(x, filter, attributes)) return tfjs();
    const convolution = convolutionOf(x.shape, filter.shape, attributes);
    if (isTfjs(convolution, attributes)) return tfjs();
    const [result] = heap.computeOutputs([{ shape: convolution.outShape, dtype: x.dtype }], ([y]) => {
      if (util.sizeFromShape(y.shape) > 0) convolve(heap, convolution, { x, filter, y });
    });
    return result;
  },
);

export const conv2DBackpropFilterKernel = defineKernel<
  Record<'x' | 'dy', TensorInfo>,
  Conv2DAttributes & { filterShape: number[] }
>(Conv2DBackpropFilter, (heap, { x, dy }, attributes, check) => {
  check.tensor('x', x, '[B, H, W, C]', anyTypes);
  check.tensor('dy', dy, '[B, H, W, O]', anyTypes);
  if (!isOurs(x, dy, attributes)) return runPlain(heap, Conv2DBackpropFilter, { x, dy }, { ...attributes });
  const { filterShape } = attributes;
  const convolution = convolutionOf(x.shape, filterShape, attributes);
  if (!util.arraysEqual(convolution.outShape, dy.shape)) {
    return runPlain(heap, Conv2DBackpropFilter, { x, dy }, { ...attributes });
  }
  const [result] = heap.computeOutputs([{ shape: filterShape, dtype: x.dtype }], ([dFilter]) => {
    if (util.sizeFromShape(dy.shape) > 0) differentiateFilter(heap, convolution, { x, dY: dy, dFilter });
    else heap.float32(heap.address(dFilter), util.sizeFromShape(filterShape)).fill(0);
  });
  return result;
});

export const conv2DBackpropInputKernel = replaceKernel<
  Record<'dy' | 'filter', TensorInfo>,
  Conv2DAttributes & { inputShape: number[] }
>(Conv2DBackpropInput, (heap, { dy, filter }, attributes, check, tfjs) => {
  check.tensor('dy', dy, '[B, H, W, O]', anyTypes);
  check.tensor('filter', filter, '[R, S, C, O]', anyTypes);
  if (!isOurs(dy, filter, attributes)) return tfjs();
  const { inputShape } = attributes;
  const convolution = convolutionOf(inputShape, filter.shape, attributes);
  if (!util.arraysEqual(convolution.outShape, dy.shape)) return tfjs();
  const [result] = heap.computeOutputs([{ shape: inputShape, dtype: dy.dtype }], ([dX]) => {
    if (util.sizeFromShape(dy.shape) > 0) differentiateInput(heap, convolution, { dY: dy, filter, dX });
    else heap.float32(heap.address(dX), util.sizeFromShape(inputShape)).fill(0);
  });
  return result;
});
