// All steps of a layer of recurrent cells, differentiable.

import type { Tensor } from '@tensorflow/tfjs-core';
import {
  type RecurrentAttributes,
  recurrentCells,
  recurrentGradKernel,
  recurrentKernel,
} from '../kernels/recurrent.js';
import { Cell } from '../runtime/generated/bindings.js';
import { differentiable } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/** What a layer of recurrent cells works on. */
export interface RecurrentInputs {
  /** x W + b, float32 [batch, steps, gates units]. */
  z: Tensor;
  /** R, float32 [units, gates units]. */
  kernel: Tensor;
  /** States before the first step, float32 [batch, units]: h, and of LSTM c. */
  initial: readonly Tensor[];
  /** bool [batch, steps]: states stay where it is false. */
  mask?: Tensor;
}

/**
 * States of all steps, as tf.layers computes them.
 *
 * @returns h, and of LSTM c, each [batch, steps, units]; differentiable in z, kernel and initial states
 */
export function recurrent(
  { z, kernel, initial: [h0, c0], mask }: RecurrentInputs,
  attributes: RecurrentAttributes,
): Tensor[] {
  const isLstm = recurrentCells[attributes.cell].cell === Cell.LSTM;
  const inputs = { z, kernel, h0, c0: isLstm ? c0 : undefined };
  return differentiable<typeof inputs, Tensor[]>(
    inputs,
    (save) => {
      const [h, gates, c] = runKernel(recurrentKernel, { ...inputs, mask }, attributes);
      const states = isLstm ? [h, c] : [h];
      save([kernel, h0, gates, ...states, ...(isLstm ? [c0] : []), ...(mask ? [mask] : [])]);
      return states;
    },
    (dY, [kernel, h0, gates, h, ...others]) => {
      // tfjs gives the gradient of a single output by itself.
      const [dH, dC] = [dY].flat();
      const [c, c0] = isLstm ? others : [];
      const saved = { z: gates, kernel, h0, c0, mask: mask && others.at(-1), h, c, dH, dC };
      const [dZ, dKernel, dH0, dC0] = runKernel(recurrentGradKernel, saved, attributes);
      return { z: dZ, kernel: dKernel, h0: dH0, c0: dC0 };
    },
  );
}
