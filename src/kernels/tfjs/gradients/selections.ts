// Gradients of operations that select numbers: each goes back to where its number was.

import {
  add,
  DepthToSpace,
  gather,
  gatherND,
  GatherNd,
  GatherV2,
  getGradient,
  type GradConfig,
  mul,
  range,
  type Rank,
  reshape,
  scalar,
  scatterND,
  ScatterNd,
  StridedSlice,
  stridedSlice,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tensorScatterUpdate,
  TensorScatterUpdate,
  TopK,
  transpose,
  unsortedSegmentSum,
  zerosLike,
} from '@tensorflow/tfjs-core';

/** Numbers added up at flat places of a tensor of the shape. */
function addAt(values: Tensor, places: Tensor, { shape, size }: Tensor): Tensor {
  const flat = reshape<Rank.R1>(places, [places.size]);
  return reshape(unsortedSegmentSum(reshape(values, [places.size]), flat, size), shape);
}

const topKGradient: GradConfig = {
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

const gatherNdGradient: GradConfig = {
  kernelName: GatherNd,
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, [params, indices]) => ({ params: () => scatterND(indices, dy as Tensor, params.shape) }),
};

const scatterNdGradient: GradConfig = {
  kernelName: ScatterNd,
  inputsToSave: ['indices'],
  gradFunc: (dy, [indices]) => ({ updates: () => gatherND(dy as Tensor, indices) }),
};

const tensorScatterUpdateGradient: GradConfig = {
  kernelName: TensorScatterUpdate,
  inputsToSave: ['indices', 'updates'],
  gradFunc: (dy, [indices, updates]) => ({
    tensor: () => tensorScatterUpdate(dy as Tensor, indices, zerosLike(updates)),
    updates: () => gatherND(dy as Tensor, indices),
  }),
};

/** Where the numbers of an operation's result come from, as `select` finds out of the places of x. */
function selection<Attributes>(
  kernelName: string,
  inputs: string[],
  select: (places: Tensor, attributes: Attributes, others: Tensor[]) => Tensor,
): GradConfig {
  return {
    kernelName,
    inputsToSave: inputs,
    gradFunc: (dy, [x, ...others], attributes) => ({
      x: () => {
        const places = reshape(range(0, x.size, 1, 'int32'), x.shape);
        return addAt(dy as Tensor, select(places, attributes as Attributes, others), x);
      },
    }),
  };
}

const stridedSliceGradient = selection<
  Record<'begin' | 'end' | 'strides', number[]> &
    Record<'beginMask' | 'endMask' | 'ellipsisMask' | 'newAxisMask' | 'shrinkAxisMask', number>
>(StridedSlice, ['x'], (places, own) =>
  stridedSlice(
    places,
    ...([own.begin, own.end, own.strides] as const),
    ...([own.beginMask, own.endMask, own.ellipsisMask, own.newAxisMask, own.shrinkAxisMask] as const),
  ),
);

const depthToSpaceGradient: GradConfig = {
  kernelName: DepthToSpace,
  inputsToSave: ['x'],
  gradFunc: (dy, [x], attributes) => {
    const { blockSize, dataFormat } = attributes as unknown as { blockSize: number; dataFormat: 'NHWC' | 'NCHW' };
    const last = dataFormat === 'NHWC';
    const { shape } = x as Tensor4D;
    const [batch, rows, columns] = last ? shape : [shape[0], shape[2], shape[3]];
    const channels = x.size / (batch * rows * columns * blockSize ** 2);
    const blocks = [rows, blockSize, columns, blockSize];
    const split = last ? [batch, ...blocks, channels] : [batch, channels, ...blocks];
    const order = last ? [0, 1, 3, 2, 4, 5] : [0, 3, 5, 1, 2, 4];
    return { x: () => reshape(transpose(reshape(dy as Tensor, split), order), x.shape) };
  },
};

type GatherAttributes = { axis: number; batchDims: number };

/** tfjs-core's, but where each of a batch has indices of its own: there it splits by chained operations, one dimension only. */
function gatherGradient(): GradConfig {
  const own = getGradient(GatherV2);
  const batches = selection<GatherAttributes>(GatherV2, ['x', 'indices'], (places, { axis, batchDims }, [indices]) =>
    gather(places, indices as Tensor1D, axis, batchDims),
  );
  return {
    ...batches,
    gradFunc: (dy, saved, attributes) => {
      const { gradFunc } = (attributes as unknown as GatherAttributes).batchDims ? batches : own;
      return { ...gradFunc(dy, saved, attributes), indices: () => saved[1] };
    },
  };
}

export const selectionGradients = (): GradConfig[] => [
  ...[topKGradient, gatherNdGradient, scatterNdGradient, tensorScatterUpdateGradient],
  ...[stridedSliceGradient, depthToSpaceGradient, gatherGradient()],
];
