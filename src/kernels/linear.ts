// Linear and LinearGrad: x W + b over the last axis, with an activation in the product's epilogue.

import type { KernelConfig, KernelFunc, TensorInfo } from '@tensorflow/tfjs-core';
import { util } from '@tensorflow/tfjs-core';
import { withFrame } from '../runtime/frame.js';
import { Heap } from '../runtime/heap.js';
import type { Field } from '../runtime/struct.js';
import { runTasks } from '../runtime/tasks.js';
import { sumColumns } from './columnSums.js';
import { geluLayout } from './gelu.js';
import { type Activation, type Product, runProduct } from './product.js';

export const LINEAR = 'Linear';
export const LINEAR_GRAD = 'LinearGrad';

/** Those whose gradient is known here. */
export const linearActivations = ['linear', 'relu', 'gelu', 'geluTanh'] as const satisfies Activation[];

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

/** The fields of ReluProblem in assembly/nn/relu.ts, in its order. */
export const reluLayout = { y: 'i32', dY: 'i32', dX: 'i32', count: 'i32' } as const satisfies Record<string, Field>;

/** Runs a product, unless there is nothing to compute. */
function multiply(heap: Heap, product: Product): void {
  if (product.rows * product.columns > 0) runProduct(heap, product);
}

/** Inputs [x [..., C], W [C, U], b [U] if any]; outputs [y [..., U], and x W + b if it is kept]. */
function linear({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, kernel, bias] = inputs as unknown as [TensorInfo, TensorInfo, TensorInfo?];
  const { activation, keepsSum } = attrs as unknown as LinearAttributes;
  const heap = Heap.of(backend);
  const [depth, columns] = kernel.shape;
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  const output = { shape: [...x.shape.slice(0, -1), columns], dtype: x.dtype };
  return heap.computeOutputs(keepsSum ? [output, output] : [output], ([y, sum]) => {
    multiply(heap, {
      ...{ a: heap.address(x), b: heap.address(kernel), c: heap.address(sum ?? y), rows, columns, depth, activation },
      bias: bias && heap.address(bias),
      activated: sum && heap.address(y),
    });
  });
}

/** Runs `use` with the address of the gradient before the activation: dY itself, or scratch. */
function withSumGradient(
  heap: Heap,
  activation: LinearActivation,
  dY: TensorInfo,
  kept: TensorInfo | undefined,
  use: (dSum: number) => void,
): void {
  if (activation === 'linear') {
    use(heap.address(dY));
    return;
  }
  const count = util.sizeFromShape(dY.shape);
  heap.withScratch(4 * count, (dSum) => {
    const [gradient, values] = [heap.address(dY), heap.address(kept!)];
    if (activation === 'relu') {
      const problem = { y: values, dY: gradient, dX: dSum, count };
      withFrame(heap, reluLayout, problem, {}, ({ address }) => runTasks(heap, 'reluBackward', address));
    } else {
      const problem = { x: values, dY: gradient, out: dSum, count, approximate: Number(activation === 'geluTanh') };
      withFrame(heap, geluLayout, problem, {}, ({ address }) => runTasks(heap, 'geluBackward', address));
    }
    use(dSum);
  });
}

/**
 * Inputs [x, W, dY, kept]; kept: what is before the activation, for ReLU what is behind it, for 'linear' nothing.
 * Outputs [dX, dW, db if there is a bias].
 */
function linearGrad({ inputs, backend, attrs }: Parameters<KernelFunc>[0]): TensorInfo[] {
  const [x, kernel, dY, kept] = inputs as unknown as [TensorInfo, TensorInfo, TensorInfo, TensorInfo?];
  const { activation, hasBias } = attrs as unknown as LinearGradAttributes;
  const heap = Heap.of(backend);
  const [inner, units] = kernel.shape;
  const rows = util.sizeFromShape(x.shape.slice(0, -1));
  const outputs = [x, kernel, ...(hasBias ? [{ shape: [units], dtype: x.dtype }] : [])];
  const compute = ([dX, dKernel, dBias]: (TensorInfo | undefined)[]) => {
    withSumGradient(heap, activation, dY, kept, (dSum) => {
      const [a, b] = [x, kernel].map((tensor) => heap.address(tensor));
      const [c, d] = [dX!, dKernel!].map((tensor) => heap.address(tensor));
      multiply(heap, { a: dSum, b, c, rows, columns: inner, depth: units, transposeB: true });
      multiply(heap, { a, b: dSum, c: d, rows: inner, columns: units, depth: rows, transposeA: true });
      if (dBias) sumColumns(heap, { out: heap.address(dBias), x: dSum, rows, columns: units });
    });
  };
  return heap.computeOutputs(outputs, compute, activation === 'linear' ? 0 : 4 * rows * units);
}

export const linearConfig: KernelConfig = { kernelName: LINEAR, backendName: 'wasm', kernelFunc: linear };

export const linearGradConfig: KernelConfig = { kernelName: LINEAR_GRAD, backendName: 'wasm', kernelFunc: linearGrad };
