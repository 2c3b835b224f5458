// Convolutions of images and their gradients. tfjs's own Conv2D, XNNPACK's, stays where it is right and faster.

import {
  backend_util,
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { runPlain } from '../../runtime/plain.js';
import { defineKernel } from '../defineKernel.js';
import type { Epilogue } from '../epilogue.js';
import { anyTypes } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';
import { isBounded } from './bounded.js';
import { type Convolution, convolve, differentiateFilter, differentiateInput } from './convolution.js';
import { isImage } from './image.js';
import { type ConvolutionOperands, replaceConvolution } from './replaceConvolution.js';
import { isPointwise, windowFields } from './windowFields.js';

type Size = number | [number, number];

/** What the kernels of a convolution have in common; `dilations` of the gradients is ours: tfjs has none there. */
export interface Conv2DAttributes {
  strides: Size;
  pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  dataFormat?: 'NHWC' | 'NCHW';
  dilations?: Size;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

interface ImageConvolution extends Convolution {
  outShape: number[];
}

function convolutionOf(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations, dimRoundingMode }: Conv2DAttributes,
): ImageConvolution {
  const info = backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    ...([strides, dilations ?? 1, pad, dimRoundingMode] as const),
  );
  return { window: windowFields(info), channels: info.outChannels, outShape: info.outShape };
}

/** What our kernels compute: float32, channels last. */
const isOurs = (a: TensorInfo, b: TensorInfo, { dataFormat = 'NHWC' }: Conv2DAttributes) =>
  a.dtype === 'float32' && b.dtype === 'float32' && dataFormat === 'NHWC';

/** From here on our product is as fast on one thread as XNNPACK's convolution, and it has more of them. */
const LEAST = { channels: 32, positions: 128, pointwise: 48, line: 16 };

/**
 * Whether our product is as fast as XNNPACK's convolution, which is faster where windows are short, and where few positions
 * do not pay for packing the filter: it keeps a packed copy.
 */
function isFast({ window, channels, outShape }: ImageConvolution): boolean {
  if (isImage({ window, channels })) return true;
  const positions = util.sizeFromShape(outShape.slice(0, 3));
  const line = window.kernelColumns * window.channels;
  const least = isPointwise(window) ? LEAST.pointwise : LEAST.positions;
  return channels >= LEAST.channels && positions >= least && line >= LEAST.line;
}

/** XNNPACK, as tfjs calls it, is wrong where a filter is smaller than its stride. */
function isSmallFilter({ window }: Convolution, { pad }: Conv2DAttributes): boolean {
  return pad === 'same' && (window.kernelRows < window.rowStep || window.kernelColumns < window.columnStep);
}

/** undefined where tfjs's kernel is to convolve. */
function convolve2D(
  heap: Heap,
  { x, filter }: ConvolutionOperands,
  attributes: Conv2DAttributes,
  epilogue: Epilogue,
): TensorInfo | undefined {
  if (!isOurs(x, filter, attributes)) return undefined;
  const convolution = convolutionOf(x.shape, filter.shape, attributes);
  const operands = [x, filter, epilogue.bias, epilogue.slopes].filter((tensor) => tensor !== undefined);
  const isTfjs =
    !isFast(convolution) &&
    !isSmallFilter(convolution, attributes) &&
    operands.every((tensor) => isBounded(heap, tensor));
  if (isTfjs) return undefined;
  const [result] = heap.computeOutputs([{ shape: convolution.outShape, dtype: x.dtype }], ([y]) => {
    if (util.sizeFromShape(y.shape) > 0) convolve(heap, convolution, { x, filter, y }, epilogue);
  });
  return result;
}

export const { plain: conv2DKernel, fused: fusedConv2DKernel } = replaceConvolution<Conv2DAttributes>(
  { plain: Conv2D, fused: FusedConv2D },
  '[R, S, C, O]',
  (filterShape) => filterShape[3],
  convolve2D,
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
