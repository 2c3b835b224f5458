// BatchMatMul and _FusedMatMul in place of tfjs's: every transpose form, batches and epilogues at the speed of one.

import {
  _FusedMatMul,
  type _FusedMatMulAttrs,
  BatchMatMul,
  type BatchMatMulAttrs,
  broadcast_util,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { formatValue } from '../checks/values.js';
import type { Heap } from '../runtime/heap.js';
import { runPlain } from '../runtime/plain.js';
import { defineKernel } from './defineKernel.js';
import { applyEpilogue, composable, type Epilogue, epilogueOf, type FusedInputs } from './epilogue.js';
import { numericTypes, type OperandChecks } from './operandChecks.js';
import { runProduct } from './product.js';
import { rowOffsets } from './rowOffsets.js';

/** Matrices of numbers; returns the shape of their product, if there is one. */
function checkOperands(
  check: OperandChecks,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA = false, transposeB = false }: BatchMatMulAttrs,
): number[] {
  const ofA = check.tensor('a', a, '[..., N, K]', numericTypes);
  const ofB = check.tensor('b', b, '[..., K, M]', numericTypes);
  check.flag('transposeA', transposeA);
  check.flag('transposeB', transposeB);
  const batchShape = broadcast_util.assertAndGetBroadcastShape(ofA.slice(0, -2), ofB.slice(0, -2));
  return [...batchShape, ofA.at(transposeA ? -1 : -2)!, ofB.at(transposeB ? -2 : -1)!];
}

/** What is added to an output, or multiplies it, is broadcast to it, and of its dtype. */
function checkBroadcast(check: OperandChecks, name: string, tensor: TensorInfo, out: number[], dtype: string): void {
  const shape = check.tensor(name, tensor, '[...]', [dtype]);
  const fits = shape.length <= out.length && shape.every((size, i) => size === 1 || size === out.at(i - shape.length));
  if (!fits) check.refuse(name, formatShape(tensor), `broadcastable to ${formatShape({ shape: out })}`);
}

/**
 * activation(op(a) op(b) + bias): a [..., rows, depth], b [..., depth, columns] after their transposes. int32 products
 * have no epilogue: their sums wrap, as int32 does.
 */
function multiply(
  heap: Heap,
  name: string,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: BatchMatMulAttrs,
  epilogue: Epilogue = {},
): TensorInfo {
  if (a.dtype !== b.dtype || !['float32', 'int32'].includes(a.dtype)) {
    throw new Error(`${name}: a was ${a.dtype} and b ${b.dtype}; both must be float32, or both int32`);
  }
  const [aRows, aColumns] = a.shape.slice(-2);
  const [bRows, bColumns] = b.shape.slice(-2);
  const [rows, depth] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [bDepth, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  util.assert(
    depth === bDepth,
    () =>
      `Error in ${name}: inner shapes (${depth}) and (${bDepth}) of Tensors with shapes ${a.shape.join()} and ` +
      `${b.shape.join()} and transposeA=${transposeA} and transposeB=${transposeB} must match.`,
  );
  const batchShape = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const outputs = [{ shape: [...batchShape, rows, columns], dtype: a.dtype }];
  const [out] = heap.computeOutputs(outputs, ([c]) => {
    if (util.sizeFromShape(c.shape) === 0) return;
    let shape = { rows, aOffsets: rowOffsets(a.shape, batchShape, 2), bOffsets: rowOffsets(b.shape, batchShape, 2) };
    // One right operand for the whole batch: the rows of all its matrices are the rows of one.
    if (!transposeA && util.sizeFromShape(b.shape.slice(0, -2)) === 1) {
      shape = { rows: rows * shape.aOffsets.length, aOffsets: [0], bOffsets: [0] };
    }
    runProduct(heap, { a, b, c, ...shape, columns, depth, transposeA, transposeB, ...epilogue }, a.dtype);
  });
  return out;
}

export const batchMatMulKernel = defineKernel<{ a: TensorInfo; b: TensorInfo }, BatchMatMulAttrs>(
  BatchMatMul,
  (heap, { a, b }, transposes, check) => {
    checkOperands(check, a, b, transposes);
    const { transposeA, transposeB } = transposes;
    if (a.dtype !== 'bool') return multiply(heap, 'matMul', a, b, transposes);
    return runPlain(heap, BatchMatMul, { a, b }, { transposeA, transposeB });
  },
);

type FusedOperands = Record<'a' | 'b', TensorInfo> & FusedInputs;

function fusedMatMul(
  heap: Heap,
  inputs: FusedOperands,
  attributes: _FusedMatMulAttrs,
  check: OperandChecks,
): TensorInfo {
  const { a, b, bias, preluActivationWeights: slopes } = inputs;
  const { transposeA, transposeB, leakyreluAlpha = 0 } = attributes;
  const activation = attributes.activation as (typeof composable)[number];
  const shape = checkOperands(check, a, b, attributes);
  if (bias) checkBroadcast(check, 'bias', bias, shape, a.dtype);
  if (activation === 'prelu' && slopes) checkBroadcast(check, 'preluActivationWeights', slopes, shape, 'float32');
  if (!composable.includes(activation)) {
    throw new Error(
      `fused matMul: activation was ${formatValue(activation)}; it must be one of ${composable.join(', ')}`,
    );
  }
  if (activation === 'prelu' && !slopes) {
    throw new Error("fused matMul: preluActivationWeights was undefined; activation 'prelu' needs them");
  }
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const transposes = { transposeA, transposeB };
  check.number('leakyreluAlpha', leakyreluAlpha);
  if (a.dtype === 'bool' || (a.dtype === 'int32' && activation !== 'linear' && activation !== 'tanh')) {
    return runPlain(heap, _FusedMatMul, inputs, { ...attributes }) as TensorInfo;
  }
  const fused = { activation, leakyreluAlpha };
  const epilogue = a.dtype === 'float32' ? epilogueOf(columns, inputs, fused) : undefined;
  if (epilogue) return multiply(heap, 'fused matMul', a, b, transposes, epilogue);
  return applyEpilogue(heap, multiply(heap, 'fused matMul', a, b, transposes), inputs, fused);
}

export const fusedMatMulKernel = defineKernel<FusedOperands, _FusedMatMulAttrs>(_FusedMatMul, fusedMatMul);
