// Sum and Mean in place of tfjs's, which transpose first: over neighbouring dimensions that are not the last ones, on all
// threads; the sums in float64.

import { Mean, type MeanAttrs, Sum, type SumAttrs, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { formatValue } from '../../checks/values.js';
import type { Heap } from '../../runtime/heap.js';
import { sumColumns } from '../columnSums.js';
import { anyTypes } from '../operandChecks.js';
import { replaceKernel } from '../replaceKernel.js';

/** More calls than that, one for each index of the dimensions before those that are summed up, cost more than a transpose. */
const MOST_CALLS = 64;

interface Layout {
  /** Sizes before, within and behind the dimensions that are summed up. */
  outer: number;
  rows: number;
  columns: number;
  outShape: number[];
}

/** undefined where the dimensions are not neighbours, or the last ones. */
function layoutOf(shape: number[], axis: number | number[], keepDims: boolean): Layout | undefined {
  const axes = util.parseAxisParam(axis, shape).sort((a, b) => a - b);
  if (axes.length === 0 || axes.at(-1)! - axes[0] !== axes.length - 1) return undefined;
  const [outer, rows, columns] = [
    shape.slice(0, axes[0]),
    shape.slice(axes[0], axes.at(-1)! + 1),
    shape.slice(axes.at(-1)! + 1),
  ].map(util.sizeFromShape);
  const outShape = keepDims
    ? shape.map((size, at) => (axes.includes(at) ? 1 : size))
    : shape.filter((_, at) => !axes.includes(at));
  // A sum of nothing is 0, however many of them there are.
  const isEmpty = util.sizeFromShape(shape) === 0;
  const fits = isEmpty || (columns > 1 && rows > 1 && outer <= MOST_CALLS);
  return fits ? { outer, rows, columns, outShape } : undefined;
}

function sum(heap: Heap, x: TensorInfo, { outer, rows, columns, outShape }: Layout, divisor: number): TensorInfo {
  const [result] = heap.computeOutputs([{ shape: outShape, dtype: 'float32' }], ([out]) => {
    const [from, to] = [heap.address(x), heap.address(out)];
    if (util.sizeFromShape(x.shape) === 0) {
      heap.float32(to, util.sizeFromShape(outShape)).fill(0);
      return;
    }
    for (let i = 0; i < outer; i++) {
      sumColumns(heap, { out: to + 4 * i * columns, x: from + 4 * i * rows * columns, rows, columns });
    }
    if (divisor === 1) return;
    const sums = heap.float32(to, outer * columns);
    for (let i = 0; i < sums.length; i++) sums[i] /= divisor;
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
    const layout = x.dtype === 'float32' ? layoutOf(x.shape, axis, keepDims) : undefined;
    return layout ? sum(heap, x, layout, isMean ? layout.rows : 1) : tfjs();
  });
}

export const sumKernel = kernelOf<SumAttrs>(Sum, false);

export const meanKernel = kernelOf<MeanAttrs>(Mean, true);
