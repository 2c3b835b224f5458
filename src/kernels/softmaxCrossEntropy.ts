// SoftmaxCrossEntropy and its gradient: the loss of a classifier on its logits.

import type { TensorInfo } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { checkNumber, formatValue } from '../checks/values.js';
import { DISTANCE_UNIT, ROW_STATISTICS } from '../runtime/generated/bindings.js';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';

export interface SoftmaxCrossEntropyAttributes {
  /** Part of each target that is spread over all classes. */
  labelSmoothing: number;
  /** Of each row in the sum of the losses. */
  shares: number[];
}

type Named<Name extends string> = Record<Name, TensorInfo>;

/** logits [B, C], C 1 or more, and labels like them. */
function checkCall(
  check: OperandChecks,
  logits: TensorInfo,
  labels: TensorInfo,
  { labelSmoothing, shares }: SoftmaxCrossEntropyAttributes,
): void {
  const [rows, columns] = check.tensor('logits', logits, '[B, C]');
  if (columns < 1) check.refuse('logits', formatShape(logits), '[B, C], C 1 or more');
  check.shaped('labels', labels, [rows, columns]);
  checkNumber(check.owner, 'labelSmoothing', labelSmoothing, (value) => value >= 0 && value <= 1, 'from 0 to 1');
  if (!Array.isArray(shares) || shares.length !== rows) {
    check.refuse('shares', formatValue(shares), `an array of ${rows} numbers`);
  }
  shares.forEach((share, row) => check.number(`shares[${row}]`, share, 0));
}

function sizesOf({ shape: [rows, columns] }: TensorInfo, labelSmoothing: number) {
  return { rows, columns, kept: 1 - labelSmoothing, spread: labelSmoothing / columns };
}

/** logits [B, C], labels [B, C]; outputs [loss [], statistics [B, 4], for the gradient]. */
export const softmaxCrossEntropyKernel = defineKernel<Named<'logits' | 'labels'>, SoftmaxCrossEntropyAttributes>(
  'SoftmaxCrossEntropy',
  (heap, { logits, labels }, attributes, check) => {
    checkCall(check, logits, labels, attributes);
    const { labelSmoothing, shares } = attributes;
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
>('SoftmaxCrossEntropyGrad', (heap, { logits, labels, statistics, dLoss }, attributes, check) => {
  checkCall(check, logits, labels, attributes);
  const { labelSmoothing, shares } = attributes;
  check.shaped('statistics', statistics, [logits.shape[0], ROW_STATISTICS]);
  check.scalar('dLoss', dLoss);
  return heap.computeOutputs([logits], ([dLogits]) => {
    const [gradient] = heap.float32(heap.address(dLoss), 1);
    const factors = Float32Array.from(shares, (share) => gradient * share);
    const tensors = { logits, labels, statistics, dLogits };
    runProblem(heap, 'softmaxCrossEntropyBackward', { ...tensors, factors, ...sizesOf(logits, labelSmoothing) });
  });
});
