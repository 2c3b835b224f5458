// Linear and LinearGrad: x W + b over the last axis, with an activation in the product's epilogue.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import type { Heap } from '../runtime/heap.js';
import type { Pointer } from '../runtime/pointer.js';
import { runProblem } from '../runtime/problem.js';
import { sumColumns } from './columnSums.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';
import { runProduct } from './product.js';
import type { ActivationName, Product } from './productProblem.js';

/** Those whose gradient is known here. */
export const linearActivations = ['linear', 'relu', 'gelu', 'geluTanh'] as const satisfies ActivationName[];

export type LinearActivation = (typeof linearActivations)[number];

export interface LinearAttributes {
  activation: LinearActivation;
  /** A second output keeps what is before the activation. */
  keepsSum: boolean;
}

export interface LinearGradAttributes {
  activation: LinearActivation;
  /** The third output is the gradient of the bias. */
  hasBias: boolean;
}

/** Runs a product, unless there is nothing to compute. */
function multiply(heap: Heap, product: Product): void {
  if (product.rows * product.columns > 0) runProduct(heap, product);
}

/** x [..., C] and W [C, U]; returns the shape of y. */
function checkCall(check: OperandChecks, x: TensorInfo, kernel: TensorInfo, activation: string): number[] {
  const shape = check.tensor('x', x, '[..., C]');
  const [inner, units] = check.tensor('kernel', kernel, '[C, U]');
  if (shape.at(-1) !== inner) check.refuse('x', formatShape(x), `[..., ${inner}], for a kernel of that height`);
  check.choice('activation', activation, linearActivations);
  return [...shape.slice(0, -1), units];
}

/** x [..., C], W [C, U], b [U] if any; outputs [y [..., U], and x W + b if it is kept]. */
export const linearKernel = defineKernel<
  { x: TensorInfo; kernel: TensorInfo; bias: TensorInfo | undefined },
  LinearAttributes
>('Linear', (heap, { x, kernel, bias }, { activation, keepsSum }, check) => {
  const output = { shape: checkCall(check, x, kernel, activation), dtype: x.dtype };
  const [depth, columns] = kernel.shape;
  if (bias) check.shaped('bias', bias, [columns]);
  check.flag('keepsSum', keepsSum);
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  return heap.computeOutputs(keepsSum ? [output, output] : [output], ([y, sum]) =>
    multiply(heap, {
      ...{ a: x, b: kernel, c: sum ?? y, rows, columns, depth, activation, bias },
      activated: sum && y,
    }),
  );
});

/** Runs `use` with the gradient before the activation: dY itself, or scratch. */
function withSumGradient(
  heap: Heap,
  activation: LinearActivation,
  dY: TensorInfo,
  kept: TensorInfo | undefined,
  use: (dSum: Pointer) => void,
): void {
  if (activation === 'linear') {
    use(dY);
    return;
  }
  const count = util.sizeFromShape(dY.shape);
  heap.withScratch(4 * count, (dSum) => {
    if (activation === 'relu') runProblem(heap, 'reluBackward', { y: kept!, dY, dX: dSum, count });
    else {
      const approximate = Number(activation === 'geluTanh');
      runProblem(heap, 'geluBackward', { x: kept!, dY, out: dSum, count, approximate });
    }
    use(dSum);
  });
}

/**
 * kept: what is before the activation, for ReLU what is after it, for 'linear' nothing.
 * Outputs [dX, dW, db if there is a bias].
 */
export const linearGradKernel = defineKernel<
  { x: TensorInfo; kernel: TensorInfo; dY: TensorInfo; kept: TensorInfo | undefined },
  LinearGradAttributes
>('LinearGrad', (heap, { x, kernel, dY, kept }, { activation, hasBias }, check) => {
  const shape = checkCall(check, x, kernel, activation);
  check.shaped('dY', dY, shape);
  if (activation !== 'linear') check.shaped('kept', kept, shape);
  check.flag('hasBias', hasBias);
  const [inner, units] = kernel.shape;
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  const outputs = [x, kernel, ...(hasBias ? [{ shape: [units], dtype: x.dtype }] : [])];
  const compute = ([dX, dKernel, dBias]: (TensorInfo | undefined)[]) => {
    withSumGradient(heap, activation, dY, kept, (dSum) => {
      multiply(heap, { a: dSum, b: kernel, c: dX!, rows, columns: inner, depth: units, transposeB: true });
      multiply(heap, { a: x, b: dSum, c: dKernel!, rows: inner, columns: units, depth: rows, transposeA: true });
      if (dBias) sumColumns(heap, { out: dBias, x: dSum, rows, columns: units });
    });
  };
  return heap.computeOutputs(outputs, compute, activation === 'linear' ? 0 : 4 * rows * units);
});
