// Gradients of operations that select numbers: each goes back to where its number was.

import {
  add,
  GatherNd,
  type GradConfig,
  mul,
  range,
  type Rank,
  reshape,
  scalar,
  scatterND,
  StridedSlice,
  stridedSlice,
  type Tensor,
  TopK,
  unsortedSegmentSum,
} from '@tensorflow/tfjs-core';

/** Numbers added up at flat places of a tensor of the shape. */
function addAt(values: Tensor, places: Tensor, { shape, size }: Tensor): Tensor {
  const flat = reshape<Rank.R1>(places, [places.size]);
  return reshape(unsortedSegmentSum(reshape(values, [places.size]), flat, size), shape);
}

export const topKGradient: GradConfig = {
  kernelName: TopK,
  inputsToSave: ['x'],
  outputsToSave: [false, true],
  gradFunc: (dy, [x, indices]) => {
    const [dValues] = dy as Tensor[];
    const width = x.shape.at(-1)!;
    const rows = x.size / width;
    return {
      x: () => {
        const first = reshape(mul(range(0, rows, 1, 'int32'), scalar(width, 'int32')), [...x.shape.slice(0, -1), 1]);
        return addAt(dValues, add(indices, first), x);
      },
    };
  },
};

export const gatherNdGradient: GradConfig = {
  kernelName: GatherNd,
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, [params, indices]) => ({ params: () => scatterND(indices, dy as Tensor, params.shape) }),
};

export const stridedSliceGradient: GradConfig = {
  kernelName: StridedSlice,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => {
    const { begin, end, strides } = attributes as Record<string, number[]>;
    const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes as Record<string, number>;
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
    return {
      x: () => {
        const places = reshape(range(0, x.size, 1, 'int32'), x.shape);
        return addAt(dy as Tensor, stridedSlice(places, begin, end, strides, ...masks), x);
      },
    };
  },
};
