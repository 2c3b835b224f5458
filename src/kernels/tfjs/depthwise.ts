// Depthwise convolutions in place of tfjs's, which lose NaN, and their gradients, which it lacks on wasm.

import {
  backend_util,
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInput,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  FusedDepthwiseConv2D,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';
import { runPlain } from '../../runtime/plain.js';
import { runProblem } from '../../runtime/problem.js';
import { defineKernel } from '../defineKernel.js';
import type { Epilogue } from '../epilogue.js';
import { anyTypes } from '../operandChecks.js';
import { activations } from '../productProblem.js';
import { type ConvolutionOperands, replaceConvolution } from './replaceConvolution.js';
import { checkFit } from './windowFields.js';

type Shape = [number, number, number, number];

interface Attributes extends Omit<DepthwiseConv2dNativeBackpropInputAttrs, 'inputShape' | 'dilations'> {
  dilations?: [number, number] | number | null;
  dataFormat?: 'NHWC' | 'NCHW';
}

function fieldsOf(input: number[], filter: number[], { strides, dilations, pad, dimRoundingMode }: Attributes) {
  const info = backend_util.computeConv2DInfo(
    input as Shape,
    filter as Shape,
    ...([strides, dilations ?? 1, pad, dimRoundingMode, true] as const),
  );
  checkFit(info);
  const fields = {
    batch: info.batchSize,
    rows: info.inHeight,
    columns: info.inWidth,
    channels: info.inChannels,
    multiplier: info.outChannels / info.inChannels,
    outRows: info.outHeight,
    outColumns: info.outWidth,
    kernelRows: info.filterHeight,
    kernelColumns: info.filterWidth,
    rowStep: info.strideHeight,
    columnStep: info.strideWidth,
    rowSpacing: info.dilationHeight,
    columnSpacing: info.dilationWidth,
    top: info.padInfo.top,
    left: info.padInfo.left,
  };
  return { fields, outShape: info.outShape };
}

/** undefined where tfjs's kernel is to convolve. */
function convolve(
  heap: Heap,
  { x, filter }: ConvolutionOperands,
  attributes: Attributes,
  { activation = 'linear', ...epilogue }: Epilogue,
): TensorInfo | undefined {
  const { dataFormat = 'NHWC' } = attributes;
  if ([x, filter].some(({ dtype }) => dtype !== 'float32') || dataFormat !== 'NHWC') return undefined;
  const { fields, outShape } = fieldsOf(x.shape, filter.shape, attributes);
  const [y] = heap.computeOutputs([{ shape: outShape, dtype: x.dtype }], ([out]) =>
    runProblem(heap, 'depthwiseConvolve', {
      ...{ ...fields, ...epilogue, x, filter, y: out },
      activation: activations[activation],
    }),
  );
  return y;
}

export const { plain: depthwiseKernel, fused: fusedDepthwiseKernel } = replaceConvolution<Attributes>(
  { plain: DepthwiseConv2dNative, fused: FusedDepthwiseConv2D },
  '[R, S, C, M]',
  (filterShape) => filterShape[2] * filterShape[3],
  convolve,
);

export const depthwiseInputGradKernel = defineKernel<
  Record<'dy' | 'filter', TensorInfo>,
  DepthwiseConv2dNativeBackpropInputAttrs
>(DepthwiseConv2dNativeBackpropInput, (heap, { dy, filter }, attributes, check) => {
  check.tensor('dy', dy, '[B, H, W, O]', anyTypes);
  check.tensor('filter', filter, '[R, S, C, M]', anyTypes);
  const { inputShape } = attributes;
  if (dy.dtype !== 'float32' || filter.dtype !== 'float32') {
    return runPlain(heap, DepthwiseConv2dNativeBackpropInput, { dy, filter }, { ...attributes });
  }
  const { fields, outShape } = fieldsOf(inputShape, filter.shape, attributes);
  check.shaped('dy', dy, outShape);
  const [dX] = heap.computeOutputs([{ shape: inputShape, dtype: dy.dtype }], ([x]) =>
    runProblem(heap, 'depthwiseInputGradient', { ...fields, x, filter, y: dy }),
  );
  return dX;
});

export const depthwiseFilterGradKernel = defineKernel<
  Record<'x' | 'dy', TensorInfo>,
  DepthwiseConv2dNativeBackpropFilterAttrs
>(DepthwiseConv2dNativeBackpropFilter, (heap, { x, dy }, attributes, check) => {
  check.tensor('x', x, '[B, H, W, C]', anyTypes);
  check.tensor('dy', dy, '[B, H, W, O]', anyTypes);
  const { filterShape } = attributes;
  if (x.dtype !== 'float32' || dy.dtype !== 'float32') {
    return runPlain(heap, DepthwiseConv2dNativeBackpropFilter, { x, dy }, { ...attributes });
  }
  const { fields, outShape } = fieldsOf(x.shape, filterShape, attributes);
  check.shaped('dy', dy, outShape);
  const [dFilter] = heap.computeOutputs([{ shape: filterShape, dtype: x.dtype }], ([filter]) =>
    runProblem(heap, 'depthwiseFilterGradient', { ...fields, x, filter, y: dy }),
  );
  return dFilter;
});
