// Sum and Mean in place of tfjs's, which adds up in float32 and transposes where the dimensions are not the last ones: all
// sums in float64, on all threads.

import { Mean, type MeanAttrs, Sum, type SumAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { formatValue } from '../../checks/values.js';
import type { Heap } from '../../runtime/heap.js';
import type { Pointer } from '../../runtime/pointer.js';
import { runProblem } from '../../runtime/problem.js';
import { sumColumns } from '../columnSums.js';
import { anyTypes } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';

/** Neighbouring dimensions that are summed up: their sizes, and those before and behind them. */
interface Step {
  matrices: number;
  rows: number;
  columns: number;
}

/** What is summed up in turn: the last dimensions first. */
function stepsOf(shape: readonly number[], axes: readonly number[]): Step[] {
  const steps: Step[] = [];
  let columns = 1;
  for (let end = shape.length; end > 0;) {
    const summed = axes.includes(end - 1);
    let begin = end - 1;
    while (begin > 0 && axes.includes(begin - 1) === summed) begin--;
    const [matrices, rows] = [shape.slice(0, begin), shape.slice(begin, end)].map(util.sizeFromShape);
    if (summed) steps.push({ matrices, rows, columns });
    else columns *= rows;
    end = begin;
  }
  return steps;
}

function sumStep(heap: Heap, out: Pointer, x: Pointer, { matrices, rows, columns }: Step, divisor: number): void {
  if (columns > 1) sumColumns(heap, { out, x, matrices, rows, columns, divisor });
  else runProblem(heap, 'rowSums', { out, x, rows: matrices, columns: rows, divisor });
}

function sumSteps(heap: Heap, out: Pointer, x: Pointer, [step, ...others]: Step[], divisor: number): void {
  if (others.length === 0) {
    sumStep(heap, out, x, step, divisor);
    return;
  }
  heap.withScratch(4 * step.matrices * step.columns, (sums) => {
    sumStep(heap, sums, x, step, 1);
    sumSteps(heap, out, sums, others, divisor);
  });
}

function sum(heap: Heap, x: TensorInfo, axes: number[], keepDims: boolean, isMean: boolean): TensorInfo {
  const kept = x.shape.map((size, at) => (axes.includes(at) ? 1 : size));
  const shape = keepDims ? kept : kept.filter((_, at) => !axes.includes(at));
  const [result] = heap.computeOutputs([{ shape, dtype: 'float32' }], ([out]) => {
    const count = util.sizeFromShape(shape);
    const summed = util.sizeFromShape(axes.map((axis) => x.shape[axis]));
    // As tfjs has it, a mean of nothing is 0 too.
    if (summed === 0) heap.float32(heap.address(out), count).fill(0);
    else if (count > 0) sumSteps(heap, out, x, stepsOf(x.shape, axes), isMean ? summed : 1);
  });
  return result;
}

function kernelOf<Attributes extends SumAttrs | MeanAttrs>(name: string, isMean: boolean) {
  return replaceKernel<{ x: TensorInfo }, Attributes>(name, (heap, { x }, { axis, keepDims }, check, tfjs) => {
    const { length: rank } = check.tensor('x', x, '[...]', anyTypes);
    const inRange = (at: unknown) => Number.isInteger(at) && (at as number) >= -rank && (at as number) < rank;
    if (![(axis as typeof axis | null | undefined) ?? []].flat().every(inRange))
      check.refuse('axis', formatValue(axis), `integers from ${-rank} to ${rank - 1}`);
    if (keepDims !== undefined) check.flag('keepDims', keepDims);
    const axes = util.parseAxisParam(axis, x.shape);
    return x.dtype === 'float32' && axes.length > 0 ? sum(heap, x, axes, keepDims, isMean) : tfjs();
  });
}

export const sumKernel = kernelOf<SumAttrs>(Sum, false);

export const meanKernel = kernelOf<MeanAttrs>(Mean, true);
