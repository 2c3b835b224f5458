// RecurrentLayer and RecurrentLayerGrad: all steps of a layer of recurrent cells, after the product of its input.

import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import { Cell } from '../runtime/generated/bindings.js';
import type { Heap } from '../runtime/heap.js';
import type { OutputSpec } from '../runtime/memory.js';
import { runProblem } from '../runtime/problem.js';
import { defineKernel } from './defineKernel.js';
import type { OperandChecks } from './operandChecks.js';
import { runProduct } from './product.js';

/** Names of the cells, as tf.layers has them, and how many gates each has. */
export const recurrentCells = {
  SimpleRNNCell: { cell: Cell.SIMPLE, gates: 1 },
  LSTMCell: { cell: Cell.LSTM, gates: 4 },
  GRUCell: { cell: Cell.GRU, gates: 3 },
} as const;

export type RecurrentCell = keyof typeof recurrentCells;

export interface RecurrentAttributes {
  cell: RecurrentCell;
  /** The gates' sigmoid is the hard one: 0.2 x + 0.5 between 0 and 1. */
  hardSigmoid: boolean;
}

interface Inputs extends Record<string, TensorInfo | undefined> {
  /** [batch, steps, gates units]: x W + b. */
  z: TensorInfo;
  /** [units, gates units]. */
  kernel: TensorInfo;
  /** [batch, units]: states before the first step. */
  h0: TensorInfo;
  /** LSTM's carried one. */
  c0: TensorInfo | undefined;
  /** bool [batch, steps]: states stay where it is false. */
  mask: TensorInfo | undefined;
}

function checkInputs(check: OperandChecks, { z, kernel, h0, c0, mask }: Inputs, attributes: RecurrentAttributes) {
  const { cell: name, hardSigmoid } = attributes;
  check.choice('cell', name, Object.keys(recurrentCells));
  check.flag('hardSigmoid', hardSigmoid);
  const { cell, gates } = recurrentCells[name];
  const [batch, steps, width] = check.tensor('z', z, '[B, T, G]');
  const units = width / gates;
  if (!Number.isInteger(units)) check.refuse('z', `[..., ${width}]`, `[..., ${gates} times units]`);
  check.shaped('kernel', kernel, [units, width]);
  check.shaped('h0', h0, [batch, units]);
  if (cell === Cell.LSTM) check.shaped('c0', c0, [batch, units]);
  if (mask) check.shaped('mask', mask, [batch, steps], 'bool');
  return { batch, steps, units, cell, gates, hard: Number(hardSigmoid) };
}

/** Outputs [h, gates] or, of LSTM, [h, gates, c]: states of all steps [batch, steps, units], and the gates' values. */
export const recurrentKernel = defineKernel<Inputs, RecurrentAttributes>(
  'RecurrentLayer',
  (heap, inputs, attributes, check) => {
    const { batch, steps, units, cell, hard } = checkInputs(check, inputs, attributes);
    const { z, kernel, h0, c0, mask } = inputs;
    const states: OutputSpec = { shape: [batch, steps, units], dtype: 'float32' };
    const isLstm = cell === Cell.LSTM;
    return heap.computeOutputs([states, z, ...(isLstm ? [states] : [])], ([h, gates, c]) => {
      if (util.sizeFromShape(z.shape) === 0) return;
      const count = util.sizeFromShape(z.shape);
      heap.float32(heap.address(gates), count).set(heap.float32(heap.address(z), count));
      const problem = {
        z: gates,
        kernel,
        h,
        c,
        h0,
        c0: isLstm ? c0 : undefined,
        mask,
        batch,
        steps,
        units,
        cell,
        hard,
      };
      runProblem(heap, 'recurrentForward', problem);
    });
  },
);

interface GradInputs extends Inputs {
  /** The gates' values, in place of z. */
  h: TensorInfo;
  c: TensorInfo | undefined;
  dH: TensorInfo;
  dC: TensorInfo | undefined;
}

/** dR = h'^T dZ, but for the last gate of a GRU, which the dampened states meet. */
function differentiateKernel(
  heap: Heap,
  { cell, units, gates }: Record<'cell' | 'units' | 'gates', number>,
  operands: { previous: number; dampened: number; dZ: TensorInfo; dKernel: TensorInfo; positions: number },
): void {
  const { previous, dampened, dZ, dKernel, positions: depth } = operands;
  const [b, c, width] = [heap.address(dZ), heap.address(dKernel), gates * units];
  const product = { rows: units, depth, transposeA: true, operandColumns: width };
  if (cell !== Cell.GRU) return runProduct(heap, { ...product, a: previous, b, c, columns: width });
  const parts = [
    { a: previous, first: 0, columns: 2 * units },
    { a: dampened, first: 2 * units, columns: units },
  ];
  for (const { a, first, columns } of parts) {
    heap.withScratch(4 * units * columns, (part) => {
      runProduct(heap, { ...product, a, b: b + 4 * first, c: part, columns });
      const rows = heap.float32(part, units * columns);
      const whole = heap.float32(c, units * width);
      for (let r = 0; r < units; r++) whole.set(rows.subarray(r * columns, (r + 1) * columns), r * width + first);
    });
  }
}

/** Outputs [dZ, dKernel, dH0] and, of LSTM, dC0. */
export const recurrentGradKernel = defineKernel<GradInputs, RecurrentAttributes>(
  'RecurrentLayerGrad',
  (heap, inputs, attributes, check) => {
    const sizes = checkInputs(check, inputs, attributes);
    const { z, kernel, h0, c0, mask, h, c, dH, dC } = inputs;
    const { batch, steps, units, cell, hard } = sizes;
    const states = [batch, steps, units];
    const isLstm = cell === Cell.LSTM;
    check.shaped('h', h, states);
    check.shaped('dH', dH, states);
    if (isLstm) check.shaped('c', c, states);
    if (isLstm && dC) check.shaped('dC', dC, states);
    const bytes = 4 * batch * steps * units;
    const outputs = [z, kernel, h0, ...(isLstm ? [h0] : [])].map(({ shape, dtype }) => ({ shape, dtype }));
    return heap.computeOutputs(
      outputs,
      ([dZ, dKernel, dH0, dC0]) => {
        if (bytes === 0) return;
        heap.withScratch(2 * bytes, (previous) => {
          const dampened = previous + bytes;
          const values = { z, kernel, h, h0, mask, dZ, dH, dH0, previous, dampened, batch, steps, units, cell, hard };
          const carried = isLstm ? { c, c0, dC, dC0 } : {};
          runProblem(heap, 'recurrentBackward', { ...values, ...carried });
          const positions = batch * steps;
          differentiateKernel(heap, sizes, { previous, dampened, dZ, dKernel, positions });
        });
      },
      2 * bytes,
    );
  },
);
