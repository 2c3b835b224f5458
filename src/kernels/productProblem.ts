// What a product works on, as assembly/gemm reads it: for tensors, and for the plan of src/predict.

import { Activation, type StructValues } from '../runtime/generated/bindings.js';
import type { Pointer } from '../runtime/pointer.js';

/** Activations as tfjs names them, and GELU. */
export const activations = {
  linear: Activation.IDENTITY,
  relu: Activation.RELU,
  relu6: Activation.RELU6,
  prelu: Activation.PRELU,
  leakyrelu: Activation.LEAKY_RELU,
  sigmoid: Activation.SIGMOID,
  elu: Activation.ELU,
  gelu: Activation.GELU,
  geluTanh: Activation.GELU_TANH,
} as const;

export type ActivationName = keyof typeof activations;

/** C[i] = activation(op(A[i]) op(B[i]) + bias): contiguous matrices, and sizes after their transposes. */
export interface Product {
  a: Pointer;
  b: Pointer;
  c: Pointer;
  rows: number;
  columns: number;
  depth: number;
  /** Address of a WindowProblem: A is what its windows see, `a` is 0 and `aOffsets` are first positions. */
  windows?: number;
  /** Terms of the operands, where the products take `depth` of them; default: those. */
  operandDepth?: number;
  /** Columns of a row of B that is not transposed, where the products take `columns` of them; default: those. */
  operandColumns?: number;
  transposeA?: boolean;
  transposeB?: boolean;
  /** Element offsets of the batch's matrices; default: one product. */
  aOffsets?: readonly number[];
  bOffsets?: readonly number[];
  /** float32 [columns]. */
  bias?: Pointer;
  /** Default 'linear'. */
  activation?: ActivationName;
  /** float32 [columns], for PReLU; else `alpha` holds for all columns. */
  slopes?: Pointer;
  alpha?: number;
  /** Where the activation's result goes; C then keeps what is before it. Default: C. */
  activated?: Pointer;
}

/** The fields of a product's problem. */
export function productFields(product: Product): StructValues['ProductProblem'] {
  const { rows, columns, depth, operandDepth = depth, operandColumns = columns } = product;
  const { transposeA = false, transposeB = false, aOffsets = [0], bOffsets = [0] } = product;
  const { activation = 'linear', a, b, c, windows, bias, slopes, alpha = 0, activated } = product;
  // One literal: a spread takes as long as a small product.
  return {
    a,
    b,
    c,
    aOffsets,
    bOffsets,
    windows,
    bias,
    rows,
    columns,
    depth,
    slopes,
    alpha,
    activated,
    batch: aOffsets.length,
    aRow: transposeA ? 1 : operandDepth,
    aTerm: transposeA ? rows : 1,
    bTerm: transposeB ? 1 : operandColumns,
    bColumn: transposeB ? operandDepth : 1,
    activation: activations[activation],
  };
}
