// BatchMatMul and _FusedMatMul in place of tfjs's: every transpose form, batches and epilogues at the speed of one.

import {
  _FusedMatMul,
  type _FusedMatMulAttrs,
  Add,
  BatchMatMul,
  type BatchMatMulAttrs,
  broadcast_util,
  Elu,
  getKernel,
  LeakyRelu,
  type NamedTensorInfoMap,
  Prelu,
  Relu,
  Relu6,
  Sigmoid,
  Tanh,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { formatShape } from '../checks/tensors.js';
import { formatValue } from '../checks/values.js';
import type { Heap } from '../runtime/heap.js';
import { runPlain } from '../runtime/plain.js';
import { defineKernel } from './defineKernel.js';
import { numericTypes, type OperandChecks } from './operandChecks.js';
import { runProduct } from './product.js';
import type { ActivationName } from './productProblem.js';
import { rowOffsets } from './rowOffsets.js';

/** Those that tfjs-core has. */
const fusable = ['linear', 'relu', 'relu6', 'prelu', 'leakyrelu', 'sigmoid', 'elu'] as const satisfies ActivationName[];

interface Epilogue {
  /** [columns]. */
  bias?: TensorInfo;
  activation: ActivationName;
  /** [columns], for PReLU. */
  slopes?: TensorInfo;
  alpha: number;
}

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
  { bias, activation, slopes, alpha }: Epilogue,
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
    const epilogue = { bias, slopes, activation, alpha };
    runProduct(heap, { a, b, c, ...shape, columns, depth, transposeA, transposeB, ...epilogue }, a.dtype);
  });
  return out;
}

const plain: Epilogue = { activation: 'linear', alpha: 0 };

export const batchMatMulKernel = defineKernel<{ a: TensorInfo; b: TensorInfo }, BatchMatMulAttrs>(
  BatchMatMul,
  (heap, { a, b }, transposes, check) => {
    checkOperands(check, a, b, transposes);
    const { transposeA, transposeB } = transposes;
    if (a.dtype !== 'bool') return multiply(heap, 'matMul', a, b, transposes, plain);
    return runPlain(heap, BatchMatMul, { a, b }, { transposeA, transposeB });
  },
);

/** Whether `tensor` is one row for every row of an output with this many columns. */
function isRow(tensor: TensorInfo, columns: number): boolean {
  return util.sizeFromShape(tensor.shape) === columns && (tensor.shape.at(-1) ?? 1) === columns;
}

/** tfjs's own kernels, for a bias that is not one row. */
const activationKernels = {
  relu: Relu,
  relu6: Relu6,
  leakyrelu: LeakyRelu,
  sigmoid: Sigmoid,
  elu: Elu,
} as const;

/** Runs tfjs's kernel `name` on `inputs`, `used` among them, and gives `used` back. */
function compose(heap: Heap, name: string, used: TensorInfo, inputs: NamedTensorInfoMap, alpha = 0): TensorInfo {
  try {
    return getKernel(name, 'wasm').kernelFunc({ inputs, backend: heap.backend, attrs: { alpha } }) as TensorInfo;
  } finally {
    heap.dispose(used);
  }
}

type FusedInputs = Record<'a' | 'b', TensorInfo> & Record<'bias' | 'preluActivationWeights', TensorInfo | undefined>;

function fusedMatMul(heap: Heap, inputs: FusedInputs, attributes: _FusedMatMulAttrs, check: OperandChecks): TensorInfo {
  const { a, b, bias, preluActivationWeights: slopes } = inputs;
  const { transposeA, transposeB, activation, leakyreluAlpha } = attributes;
  const shape = checkOperands(check, a, b, attributes);
  if (bias) checkBroadcast(check, 'bias', bias, shape, a.dtype);
  if (activation === 'prelu' && slopes) checkBroadcast(check, 'preluActivationWeights', slopes, shape, 'float32');
  if ((activation as string) === 'tanh') {
    const out = fusedMatMul(heap, inputs, { ...attributes, activation: 'linear' }, check);
    return compose(heap, Tanh, out, { x: out });
  }
  if (!fusable.includes(activation)) {
    throw new Error(`fused matMul: activation was ${formatValue(activation)}; it must be one of ${fusable.join(', ')}`);
  }
  if (activation === 'prelu' && !slopes) {
    throw new Error("fused matMul: preluActivationWeights was undefined; activation 'prelu' needs them");
  }
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const transposes = { transposeA, transposeB };
  const alpha = leakyreluAlpha ?? 0;
  check.number('leakyreluAlpha', alpha);
  if (a.dtype === 'bool' || (a.dtype === 'int32' && activation !== 'linear')) {
    return runPlain(heap, _FusedMatMul, inputs, { ...attributes }) as TensorInfo;
  }
  const fits = (!bias || isRow(bias, columns)) && (activation !== 'prelu' || isRow(slopes!, columns));
  if (fits && a.dtype === 'float32') {
    const epilogue = { activation, alpha, bias, slopes: activation === 'prelu' ? slopes : undefined };
    return multiply(heap, 'fused matMul', a, b, transposes, epilogue);
  }
  let out = multiply(heap, 'fused matMul', a, b, transposes, plain);
  if (bias) out = compose(heap, Add, out, { a: out, b: bias });
  if (activation === 'prelu') return compose(heap, Prelu, out, { x: out, alpha: slopes! });
  if (activation !== 'linear') return compose(heap, activationKernels[activation], out, { x: out }, alpha);
  return out;
}

export const fusedMatMulKernel = defineKernel<FusedInputs, _FusedMatMulAttrs>(_FusedMatMul, fusedMatMul);
