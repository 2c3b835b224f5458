// Maximum, Minimum and Prelu in place of tfjs's: NaN stays NaN, and slopes are broadcast.

import { broadcast_util, Maximum, Minimum, Prelu, type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Combination } from '../../runtime/generated/bindings.js';
import type { Heap } from '../../runtime/heap.js';
import { runProblem } from '../../runtime/problem.js';
import { anyTypes } from '../operandChecks.js';
import { rowOffsets } from '../rowOffsets.js';
import { replaceKernel } from '../replaceKernel.js';

type Names = 'MAXIMUM' | 'MINIMUM' | 'PRELU';

/** Rows of an output: what is side by side in both operands, or one number of them. */
function layOut(a: number[], b: number[], out: number[]) {
  const size = util.sizeFromShape(out);
  const [aSize, bSize] = [a, b].map(util.sizeFromShape);
  // One row where nothing or one number is broadcast.
  if ([aSize, bSize].every((own) => own === size || own === 1)) {
    const step = (own: number) => (own === size ? 1 : 0);
    return { rows: 1, columns: size, aOffsets: [0], bOffsets: [0], aStep: step(aSize), bStep: step(bSize) };
  }
  const columns = out.at(-1)!;
  const step = (shape: number[]) => ((shape.at(-1) ?? 1) === columns ? 1 : 0);
  const outer = out.slice(0, -1);
  return {
    rows: size / columns,
    columns,
    aOffsets: rowOffsets(a, outer),
    bOffsets: rowOffsets(b, outer),
    aStep: step(a),
    bStep: step(b),
  };
}

function combine(heap: Heap, name: Names, a: TensorInfo, b: TensorInfo): TensorInfo {
  const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const [result] = heap.computeOutputs([{ shape, dtype: a.dtype }], ([out]) => {
    if (util.sizeFromShape(shape) === 0) return;
    const layout = layOut(a.shape, b.shape, shape);
    runProblem(heap, 'combine', { out, a, b, ...layout, combination: Combination[name] });
  });
  return result;
}

function elementwise(kernelName: string, name: Names) {
  return replaceKernel<{ a: TensorInfo; b: TensorInfo }>(kernelName, (heap, { a, b }, _, check, tfjs) => {
    check.tensor('a', a, '[...]', anyTypes);
    check.tensor('b', b, '[...]', anyTypes);
    return a.dtype === 'float32' && b.dtype === 'float32' ? combine(heap, name, a, b) : tfjs();
  });
}

export const maximumKernel = elementwise(Maximum, 'MAXIMUM');

export const minimumKernel = elementwise(Minimum, 'MINIMUM');

export const preluKernel = replaceKernel<{ x: TensorInfo; alpha: TensorInfo }>(
  Prelu,
  (heap, { x, alpha }, _, check, tfjs) => {
    check.tensor('x', x, '[...]', anyTypes);
    check.tensor('alpha', alpha, '[...]', anyTypes);
    return x.dtype === 'float32' && alpha.dtype === 'float32' ? combine(heap, 'PRELU', x, alpha) : tfjs();
  },
);
