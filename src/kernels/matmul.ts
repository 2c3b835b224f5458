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
  Multiply,
  type NamedTensorInfoMap,
  Prelu,
  Relu,
  Relu6,
  Sigmoid,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import type { Heap } from '../runtime/heap.js';
import { defineKernel } from './defineKernel.js';
import { runProduct } from './product.js';
import type { ActivationName } from './productProblem.js';

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

/** Element offsets of the matrices of `tensor`, one for each of the broadcast batch. */
function matrixOffsets(shape: number[], batchShape: number[]): number[] {
  const own = shape.slice(0, -2);
  const size = shape.at(-2)! * shape.at(-1)!;
  const padded = [...new Array<number>(batchShape.length - own.length).fill(1), ...own];
  const strides = util.computeStrides([...padded, size]);
  return Array.from({ length: util.sizeFromShape(batchShape) }, (_, index) => {
    let offset = 0;
    for (let dimension = batchShape.length - 1; dimension >= 0; dimension--) {
      const at = index % batchShape[dimension];
      index = Math.floor(index / batchShape[dimension]);
      if (padded[dimension] !== 1) offset += at * (strides[dimension] ?? 1);
    }
    return offset;
  });
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
    let shape = { rows, aOffsets: matrixOffsets(a.shape, batchShape), bOffsets: matrixOffsets(b.shape, batchShape) };
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
  (heap, { a, b }, transposes) => multiply(heap, 'matMul', a, b, transposes, plain),
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
    // tfjs's kernels write their output even where it found no room: at address 0.
    heap.withScratch(4 * util.sizeFromShape(used.shape), () => undefined);
    return getKernel(name, 'wasm').kernelFunc({ inputs, backend: heap.backend, attrs: { alpha } }) as TensorInfo;
  } finally {
    heap.dispose(used);
  }
}

/** tfjs's Prelu takes its slopes one after the other, whatever their shape: they have to be as many as x. */
function prelu(heap: Heap, x: TensorInfo, slopes: TensorInfo): TensorInfo {
  try {
    const [ones] = heap.computeOutputs([x], ([all]) =>
      heap.float32(heap.address(all), util.sizeFromShape(x.shape)).fill(1),
    );
    const alpha = compose(heap, Multiply, ones, { a: ones, b: slopes });
    return compose(heap, Prelu, alpha, { x, alpha });
  } finally {
    heap.dispose(x);
  }
}

type FusedInputs = Record<'a' | 'b', TensorInfo> & Record<'bias' | 'preluActivationWeights', TensorInfo | undefined>;

function fusedMatMul(
  heap: Heap,
  { a, b, bias, preluActivationWeights: slopes }: FusedInputs,
  { transposeA, transposeB, activation, leakyreluAlpha }: _FusedMatMulAttrs,
): TensorInfo {
  if (!fusable.includes(activation)) {
    throw new Error(`fused matMul: activation was '${activation}'; it must be one of ${fusable.join(', ')}`);
  }
  if (activation === 'prelu' && !slopes) {
    throw new Error("fused matMul: preluActivationWeights was undefined; activation 'prelu' needs them");
  }
  if (activation !== 'linear' && a.dtype === 'int32') {
    throw new Error(`fused matMul: activation was '${activation}'; int32 products have none`);
  }
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const transposes = { transposeA, transposeB };
  const alpha = leakyreluAlpha ?? 0;
  const fits = (!bias || isRow(bias, columns)) && (activation !== 'prelu' || isRow(slopes!, columns));
  if (fits && a.dtype === 'float32') {
    const epilogue = { activation, alpha, bias, slopes: activation === 'prelu' ? slopes : undefined };
    return multiply(heap, 'fused matMul', a, b, transposes, epilogue);
  }
  let out = multiply(heap, 'fused matMul', a, b, transposes, plain);
  if (bias) out = compose(heap, Add, out, { a: out, b: bias });
  if (activation === 'prelu') return prelu(heap, out, slopes!);
  if (activation !== 'linear') return compose(heap, activationKernels[activation], out, { x: out }, alpha);
  return out;
}

export const fusedMatMulKernel = defineKernel<FusedInputs, _FusedMatMulAttrs>(_FusedMatMul, fusedMatMul);
