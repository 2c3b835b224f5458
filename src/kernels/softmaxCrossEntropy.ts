// SoftmaxCrossEntropy and its gradient: the loss of a classifier on its logits.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';

export const SOFTMAX_CROSS_ENTROPY = 'SoftmaxCrossEntropy';
export const SOFTMAX_CROSS_ENTROPY_GRAD = 'SoftmaxCrossEntropyGrad';

export interface SoftmaxCrossEntropyAttributes {
  /** Part of each target that is spread over all classes. */
  labelSmoothing: number;
  /** Of each row in the sum of the losses. */
  shares: number[];
}

/** The fields of SoftmaxCrossEntropyProblem in assembly/nn/softmaxCrossEntropy.ts, in its order. */
export const softmaxCrossEntropyLayout = {
  logits: 'i32',
  labels: 'i32',
  statistics: 'i32',
  dLogits: 'i32',
  factors: 'i32',
  rows: 'i32',
  columns: 'i32',
  kept: 'f32',
  spread: 'f32',
} as const satisfies Record<string, Field>;

/** Numbers of a row's statistics. */
const STATISTICS = 4;

function sizesOf([rows, columns]: number[], labelSmoothing: number) {
  return { rows, columns, kept: 1 - labelSmoothing, spread: labelSmoothing / columns };
}

/** Inputs [logits [B, C], labels [B, C]]; outputs [loss [], statistics [B, 4], for the gradient]. */
function softmaxCrossEntropy({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [logits, labels] = inputs as unknown as TensorInfo[];
  const { labelSmoothing, shares } = attrs as unknown as SoftmaxCrossEntropyAttributes;
  const heap = Heap.of(backend);
  const { dtype, shape } = logits;
  const outputs = [
    { shape: [], dtype },
    { shape: [shape[0], STATISTICS], dtype },
  ];
  return heap.computeOutputs(outputs, ([loss, statistics]) => {
    const [a, b, c] = [logits, labels, statistics].map((tensor) => heap.address(tensor));
    const problem = { logits: a, labels: b, statistics: c, ...sizesOf(shape, labelSmoothing) };
    withFrame(heap, softmaxCrossEntropyLayout, problem, {}, ({ address }) =>
      runTasks(heap, 'softmaxCrossEntropy', address),
    );
    const values = heap.float32(c, STATISTICS * shape[0]);
    heap.float32(heap.address(loss), 1)[0] = shares.reduce((sum, share, row) => {
      const [, powers, targets, distance] = values.subarray(STATISTICS * row, STATISTICS * (row + 1));
      return share === 0 ? sum : sum + share * (targets * Math.log(powers) + distance);
    }, 0);
  });
}

/** Inputs [logits, labels, statistics, dLoss []]; output [dLogits]. */
function softmaxCrossEntropyGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [logits, labels, statistics, dLoss] = inputs as unknown as TensorInfo[];
  const { labelSmoothing, shares } = attrs as unknown as SoftmaxCrossEntropyAttributes;
  const heap = Heap.of(backend);
  return heap.computeOutputs([logits], ([dLogits]) => {
    const [gradient] = heap.float32(heap.address(dLoss), 1);
    const [a, b, c, d] = [logits, labels, statistics, dLogits].map((tensor) => heap.address(tensor));
    const factors = new Int32Array(Float32Array.from(shares, (share) => gradient * share).buffer);
    const problem = { logits: a, labels: b, statistics: c, dLogits: d, ...sizesOf(logits.shape, labelSmoothing) };
    withFrame(heap, softmaxCrossEntropyLayout, problem, { factors }, ({ address }) =>
      runTasks(heap, 'softmaxCrossEntropyBackward', address),
    );
  });
}

export const softmaxCrossEntropyConfig: KernelConfig = {
  kernelName: SOFTMAX_CROSS_ENTROPY,
  backendName: 'wasm',
  kernelFunc: softmaxCrossEntropy,
};

export const softmaxCrossEntropyGradConfig: KernelConfig = {
  kernelName: SOFTMAX_CROSS_ENTROPY_GRAD,
  backendName: 'wasm',
  kernelFunc: softmaxCrossEntropyGrad,
};
