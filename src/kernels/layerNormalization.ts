// LayerNormalization and its gradient, over the last axis.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { kernelsOn } from '../runtime/builds.js';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';
import { sumColumns } from './columnSums.js';

export const LAYER_NORMALIZATION = 'LayerNormalization';
export const LAYER_NORMALIZATION_GRAD = 'LayerNormalizationGrad';

export interface LayerNormalizationAttributes {
  /** Added to the variance. */
  epsilon: number;
}

/** The fields of LayerNormalizationProblem in assembly/nn/layerNormalization.ts, in its order. */
export const layerNormalizationLayout = {
  x: 'i32',
  y: 'i32',
  gamma: 'i32',
  beta: 'i32',
  statistics: 'i32',
  dY: 'i32',
  dX: 'i32',
  sums: 'i32',
  rows: 'i32',
  columns: 'i32',
  epsilon: 'f32',
} as const satisfies Record<string, Field>;

function sizesOf({ shape }: TensorInfo) {
  return { rows: util.sizeFromShape(shape.slice(0, -1)), columns: shape.at(-1)! };
}

/** Inputs [x [..., C], gamma [C], beta [C]]; outputs [y [..., C], mean and 1 / deviation of each row [rows, 2]]. */
function layerNormalization({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, gamma, beta] = inputs as unknown as TensorInfo[];
  const { epsilon } = attrs as unknown as LayerNormalizationAttributes;
  const heap = Heap.of(backend);
  const sizes = sizesOf(x);
  return heap.computeOutputs([x, { shape: [sizes.rows, 2], dtype: x.dtype }], ([y, statistics]) => {
    const addresses = heap.addresses({ x, y, gamma, beta, statistics });
    withFrame(heap, layerNormalizationLayout, { ...addresses, ...sizes, epsilon }, {}, ({ address }) =>
      runTasks(heap, 'layerNormalization', address),
    );
  });
}

/** Inputs [x, gamma, statistics, dY]; outputs [dX, dGamma, dBeta]. */
function layerNormalizationGrad({ inputs, backend }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, gamma, statistics, dY] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  const sizes = sizesOf(x);
  return heap.computeOutputs([x, gamma, gamma], ([dX, dGamma, dBeta]) => {
    const addresses = heap.addresses({ x, gamma, statistics, dY, dX });
    withFrame(heap, layerNormalizationLayout, { ...addresses, ...sizes }, {}, (frame) => {
      const { columns } = sizes;
      const rows = kernelsOn(heap).layerNormalizationBackwardTasks(frame.address);
      heap.withScratch(8 * rows * columns, (sums) => {
        frame.set({ sums });
        runTasks(heap, 'layerNormalizationBackward', frame.address);
        const parts = { rows, columns, stride: 2 * columns };
        sumColumns(heap, { ...parts, out: heap.address(dGamma), x: sums });
        sumColumns(heap, { ...parts, out: heap.address(dBeta), x: sums + 4 * columns });
      });
    });
  });
}

export const layerNormalizationConfig: KernelConfig = {
  kernelName: LAYER_NORMALIZATION,
  backendName: 'wasm',
  kernelFunc: layerNormalization,
};

export const layerNormalizationGradConfig: KernelConfig = {
  kernelName: LAYER_NORMALIZATION_GRAD,
  backendName: 'wasm',
  kernelFunc: layerNormalizationGrad,
};
