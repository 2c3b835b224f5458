// BatchNormalization, its gradient and its form for inference: statistics of each channel over samples and positions.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const BATCH_NORMALIZATION = 'BatchNormalization';
export const BATCH_NORMALIZATION_GRAD = 'BatchNormalizationGrad';
export const BATCH_NORMALIZATION_INFERENCE = 'BatchNormalizationInference';

export interface BatchNormalizationAttributes {
  /** int, one per sample: the statistics are those of the positions before. */
  lengths: number[];
  /** Added to the variance. */
  epsilon: number;
}

/** The fields of BatchNormalizationProblem in assembly/nn/batchNormalization.ts, in its order. */
export const batchNormalizationLayout = {
  x: 'i32',
  y: 'i32',
  gamma: 'i32',
  beta: 'i32',
  mean: 'i32',
  variance: 'i32',
  dY: 'i32',
  dX: 'i32',
  dGamma: 'i32',
  dBeta: 'i32',
  lengths: 'i32',
  batch: 'i32',
  positions: 'i32',
  columns: 'i32',
  epsilon: 'f32',
} as const satisfies Record<string, Field>;

type TaskName = 'batchNormalization' | 'batchNormalizationBackward' | 'normalizeColumns';
type Tensors = Partial<Record<keyof typeof batchNormalizationLayout, TensorInfo>>;

function run(
  heap: Heap,
  name: TaskName,
  tensors: Tensors & { x: TensorInfo },
  { lengths, epsilon }: BatchNormalizationAttributes,
): void {
  const [batch, positions, columns] = tensors.x.shape;
  const problem = { ...heap.addresses(tensors), batch, positions, columns, epsilon };
  withFrame(heap, batchNormalizationLayout, problem, { lengths }, ({ address }) => runTasks(heap, name, address));
}

/** Inputs [x [B, N, C], gamma [C], beta [C]]; outputs [y [B, N, C], mean [C], variance [C], biased]. */
function batchNormalization({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, gamma, beta] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x, gamma, gamma], ([y, mean, variance]) =>
    run(
      heap,
      'batchNormalization',
      { x, y, gamma, beta, mean, variance },
      attrs as unknown as BatchNormalizationAttributes,
    ),
  );
}

/**
 * Inputs [x, gamma, mean, variance, dY]; outputs [dX, dGamma, dBeta]. Without a valid position, mean and variance are
 * constants.
 */
function batchNormalizationGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, gamma, mean, variance, dY] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x, gamma, gamma], ([dX, dGamma, dBeta]) =>
    run(
      heap,
      'batchNormalizationBackward',
      { x, gamma, mean, variance, dY, dX, dGamma, dBeta },
      attrs as unknown as BatchNormalizationAttributes,
    ),
  );
}

/** Inputs [x [B, N, C], gamma [C], beta [C], mean [C], variance [C]]; output [y]. */
function batchNormalizationInference({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, gamma, beta, mean, variance] = inputs as unknown as TensorInfo[];
  const heap = Heap.of(backend);
  return heap.computeOutputs([x], ([y]) =>
    run(
      heap,
      'normalizeColumns',
      { x, y, gamma, beta, mean, variance },
      attrs as unknown as BatchNormalizationAttributes,
    ),
  );
}

export const batchNormalizationConfig: KernelConfig = {
  kernelName: BATCH_NORMALIZATION,
  backendName: 'wasm',
  kernelFunc: batchNormalization,
};

export const batchNormalizationGradConfig: KernelConfig = {
  kernelName: BATCH_NORMALIZATION_GRAD,
  backendName: 'wasm',
  kernelFunc: batchNormalizationGrad,
};

export const batchNormalizationInferenceConfig: KernelConfig = {
  kernelName: BATCH_NORMALIZATION_INFERENCE,
  backendName: 'wasm',
  kernelFunc: batchNormalizationInference,
};
