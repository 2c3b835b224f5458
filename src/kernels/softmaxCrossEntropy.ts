// SoftmaxCrossEntropy and its gradient: the loss of a classifier on its logits.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DISTANCE_UNIT, ROW_STATISTICS } from '../runtime/generated/bindings.js';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';

export interface SoftmaxCrossEntropyAttributes {
  /** Part of each target that is spread over all classes. */
  labelSmoothing: number;
  /** Of each row in the sum of the losses. */
  shares: number[];
}

type Named<Name extends string> = Record<Name, TensorInfo>;

function sizesOf({ shape: [rows, columns] }: TensorInfo, labelSmoothing: number) {
  return { rows, columns, kept: 1 - labelSmoothing, spread: labelSmoothing / columns };
}

/** logits [B, C], labels [B, C]; outputs [loss [], statistics [B, 4], for the gradient]. */
export const softmaxCrossEntropyKernel = defineKernel<Named<'logits' | 'labels'>, SoftmaxCrossEntropyAttributes>(
  'SoftmaxCrossEntropy',
  (heap, { logits, labels }, { labelSmoothing, shares }) => {
    const { dtype, shape } = logits;
    const outputs = [
      { shape: [], dtype },
      { shape: [shape[0], ROW_STATISTICS], dtype },
    ];
    return heap.computeOutputs(outputs, ([loss, statistics]) => {
      runProblem(heap, 'softmaxCrossEntropy', { logits, labels, statistics, ...sizesOf(logits, labelSmoothing) });
      const values = heap.float32(heap.address(statistics), ROW_STATISTICS * shape[0]);
      heap.float32(heap.address(loss), 1)[0] = shares.reduce((sum, share, row) => {
        const [, powers, targets, distance] = values.subarray(ROW_STATISTICS * row, ROW_STATISTICS * (row + 1));
        return share === 0 ? sum : sum + share * (targets * Math.log(powers) + distance / DISTANCE_UNIT);
      }, 0);
    });
  },
);

/** dLoss []; output [dLogits]. */
export const softmaxCrossEntropyGradKernel = defineKernel<
  Named<'logits' | 'labels' | 'statistics' | 'dLoss'>,
  SoftmaxCrossEntropyAttributes
>('SoftmaxCrossEntropyGrad', (heap, { logits, labels, statistics, dLoss }, { labelSmoothing, shares }) =>
  heap.computeOutputs([logits], ([dLogits]) => {
    const [gradient] = heap.float32(heap.address(dLoss), 1);
    const factors = Float32Array.from(shares, (share) => gradient * share);
    const tensors = { logits, labels, statistics, dLogits };
    runProblem(heap, 'softmaxCrossEntropyBackward', { ...tensors, factors, ...sizesOf(logits, labelSmoothing) });
  }),
);
