// A kernel on operands whose values are chosen apart from it.

import * as tf from '@tensorflow/tfjs-core';
import type { Pass } from '../kernels/rows.js';
import type { OperandValues } from './operandValues.js';

export interface Operand {
  shape: readonly number[];
  /** Times the values, so that those of scale 1 give results of scale 1; default 1. */
  factor?: number;
  /** None is below 0. */
  positive?: boolean;
}

/** By the names of the operands. The optimizer's step writes to them, call after call. */
export type Tensors = Record<string, tf.Variable>;

export interface Work {
  kernel: string;
  pass: Pass;
  shape: string;
  operands: Readonly<Record<string, Operand>>;
  /** Names of the operands that are small where the others are not: a gradient, or what results are proportional to. */
  small: readonly string[];
  /** Values beyond those that every work has. */
  also?: readonly OperandValues[];
  /** Does the work, and gives what is to be disposed. */
  run: (tensors: Tensors) => tf.TensorContainer;
}

/** What a differentiable function of some operands makes two works of. */
interface Differentiable extends Omit<Work, 'pass' | 'run'> {
  /** Shape of the result. */
  out: readonly number[];
  /** Of the operands in their order; the result depends on each. */
  f: (...operands: tf.Tensor[]) => tf.Tensor;
}

/** The work forward, and with all gradients, for which the result's gradient is what is small. */
export function bothPasses({ out, f, ...work }: Differentiable): Work[] {
  const names = Object.keys(work.operands);
  const gradients = tf.grads(f);
  const of = (tensors: Tensors) => names.map((name) => tensors[name]);
  return [
    { ...work, pass: 'forward', run: (tensors) => f(...of(tensors)) },
    {
      ...work,
      pass: 'forward+backward',
      operands: { ...work.operands, dOut: { shape: out } },
      small: ['dOut'],
      run: (tensors) => gradients(of(tensors), tensors.dOut),
    },
  ];
}

/** The operands of a work. */
export function tensorsOf({ operands, small }: Work, values: OperandValues): Tensors {
  const entries = Object.entries(operands).map(([name, { shape, factor = 1, positive }]) => {
    const numbers = values
      .make(name, tf.util.sizeFromShape([...shape]), small.includes(name))
      .map((value) => factor * (positive ? Math.abs(value) : value));
    return [name, tf.tidy(() => tf.variable(tf.tensor(numbers, [...shape])))] as const;
  });
  return Object.fromEntries(entries);
}
