// What tfjs's own wasm kernels compute rightly. A call beyond that goes to its plain JavaScript.

import { type DataType, slice_util, type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { Heap } from '../../runtime/heap.js';

/** A call of a kernel: its inputs in their order, and its attributes. */
interface Call {
  heap: Heap;
  inputs: readonly TensorInfo[];
  attributes: Readonly<Record<string, unknown>>;
}

type Rule = (call: Call) => boolean;

const names = (list: string) => list.trim().split(/\s+/);

const rules = new Map<string, Rule[]>();

function limit(list: string, rule: Rule): void {
  for (const name of names(list)) rules.set(name, [...(rules.get(name) ?? []), rule]);
}

/** Every input has one of the types. */
const types =
  (...known: DataType[]): Rule =>
  ({ inputs }) =>
    inputs.every(({ dtype }) => known.includes(dtype));

const nothing: Rule = () => false;

/** The first input has elements. */
const notEmpty: Rule = ({ inputs: [x] }) => util.sizeFromShape(x.shape) > 0;

/** Read every input as float32, whatever its type, or give every output that type. */
const floatOnly = names(
  `Acos Acosh Asin Asinh Atan Atan2 Atanh Ceil ClipByValue Cos Cosh Elu EluGrad Erf Exp Expm1 Floor FusedBatchNorm IsFinite
   IsInf IsNan LeakyRelu Log Log1p LRN LRNGrad Prelu Reciprocal Relu Relu6 ResizeBilinear ResizeNearestNeighbor Round Rsqrt
   Selu Sigmoid Sign Sin Sinh Softmax Softplus Sqrt Step StridedSlice Tan Tanh`,
);

/** Also know that a bool is one byte. */
const withBool = names(
  `All Any Cast Concat ExpandDims GatherV2 Identity LogicalAnd LogicalNot LogicalOr LogicalXor OneHot OnesLike Reshape Select
   Slice Tile Transpose ZerosLike`,
);

limit(floatOnly.join(' '), types('float32'));
limit(withBool.join(' '), types('float32', 'int32', 'bool'));

// These leave the output as it was found.
limit('All Any ArgMax ArgMin Max Mean Min Prod Softmax Sum', notEmpty);
// These trap where there is nothing, or give another shape.
limit('GatherV2 Transpose', notEmpty);
// Wrong where each of a batch has indices of its own.
limit('GatherV2', ({ attributes: { batchDims } }) => !batchDims);
// A division by zero traps, or gives another number on each machine.
limit('FloorDiv Mod Pow RealDiv', types('float32'));
// They begin with the smallest positive number where it should be the lowest.
limit('Dilation2D Dilation2DBackpropFilter Dilation2DBackpropInput', nothing);
// Wrong for a batch.
limit('MaxPoolWithArgmax', nothing);
limit('Bincount', ({ inputs: [x] }) => x.shape.length === 1);
// Write bytes of another type than that of the output.
limit('Cast', ({ attributes: { dtype } }) => dtype === 'float32' || dtype === 'int32');
limit('Fill', ({ attributes: { value, dtype } }) => typeof value === 'number' && dtype !== 'bool');
limit('OneHot', ({ attributes: { dtype } }) => dtype === 'int32');
limit('Select', ({ inputs: [, t] }) => t.dtype !== 'bool');
// Read or write beyond the tensor.
limit('Slice', ({ inputs: [x], attributes: { begin, size } }) => {
  const [first, sizes] = slice_util.parseSliceParams(x, begin as number[], size as number[]);
  return first.every((at, axis) => at >= 0 && sizes[axis] >= 0 && at + sizes[axis] <= x.shape[axis]);
});
limit('PadV2', ({ attributes: { paddings } }) => (paddings as number[][]).flat().every((one) => one >= 0));
// Has the padding go wrong where it is NaN.
limit('PadV2', ({ attributes: { constantValue } }) => !Number.isNaN(constantValue));
// Leave out whole turns of large angles in float32.
limit('Cos Sin', ({ heap, inputs: [x] }) => x.dtype !== 'float32' || isSmall(heap, x));
limit('GatherNd', ({ heap, inputs: [params, indices] }) => pointInto(heap, indices, params.shape));
limit('ScatterNd', ({ heap, inputs: [indices], attributes: { shape } }) => pointInto(heap, indices, shape as number[]));
limit('TensorScatterUpdate', ({ heap, inputs: [tensor, indices] }) => pointInto(heap, indices, tensor.shape));

// Know one layout, a bias of one number for each channel, and no filter smaller than its stride.
limit('Conv2D Conv2DBackpropInput DepthwiseConv2dNative FusedConv2D FusedDepthwiseConv2D', ({ attributes }) =>
  [undefined, 'NHWC', 'channelsLast'].includes(attributes.dataFormat as string | undefined),
);
limit('Conv2D DepthwiseConv2dNative FusedConv2D FusedDepthwiseConv2D', ({ inputs: [, filter], attributes }) => {
  const [height, width] = [attributes.strides].flat() as number[];
  return attributes.pad !== 'same' || (filter.shape[0] >= height && filter.shape[1] >= (width ?? height));
});
limit('FusedConv2D', ({ inputs: [, filter, bias] }) => !bias || util.arraysEqual(bias.shape, [filter.shape[3]]));
limit('FusedDepthwiseConv2D', ({ inputs: [, filter, bias] }) => {
  return !bias || util.arraysEqual(bias.shape, [filter.shape[2] * filter.shape[3]]);
});
limit('Conv3DBackpropFilterV2 Conv3DBackpropInputV2', nothing);
// Begin with 0 or the smallest positive number where it should be the lowest.
limit('MaxPool3D MaxPool3DGrad MaxPoolGrad', nothing);
limit('AvgPool MaxPool', ({ inputs: [x], attributes: { pad } }) => x.dtype === 'float32' && typeof pad === 'string');

/** Whether each row of `indices` is a place in a tensor of the shape. */
function pointInto(heap: Heap, indices: TensorInfo, shape: readonly number[]): boolean {
  if (indices.dtype !== 'int32') return false;
  const depth = indices.shape.at(-1) ?? 1;
  const values = heap.int32(heap.address(indices), util.sizeFromShape(indices.shape));
  return values.every((index, at) => index >= 0 && index < shape[at % depth]);
}

/** Up to here angles keep their digits. */
const MOST_ANGLE = 2 ** 24;

function isSmall(heap: Heap, x: TensorInfo): boolean {
  const values = heap.float32(heap.address(x), util.sizeFromShape(x.shape));
  // A callback for each number would take as long as its sine.
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]) > MOST_ANGLE) return false;
  return true;
}

const numbers = types('float32', 'int32');

/** Whether tfjs's wasm kernel of the name computes a call rightly; without a rule, one of float32 and int32. */
export function isWithin(name: string, call: Call): boolean {
  const own = rules.get(name) ?? [];
  const typed = floatOnly.includes(name) || withBool.includes(name);
  const foreign = ['string', 'complex64'].includes(call.attributes.dtype as string);
  return !foreign && (typed || numbers(call)) && own.every((rule) => rule(call));
}
