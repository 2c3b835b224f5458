// The attention kernel with its gradient: what `attention` and `headsAttention` share.

import type { Tensor } from '@tensorflow/tfjs-core';
import { type FusedAttentionAttributes, fusedAttentionGradKernel, fusedAttentionKernel } from '../kernels/attention.js';
import { differentiable, given } from '../runtime/gradients.js';
import { runKernel } from './runKernel.js';

/** A mask is a constant. */
function maskGradient(): never {
  throw new Error('attention: mask cannot be differentiated; it must not depend on what is trained');
}

/**
 * @param operands tensors by their names in attributes.operands, with queries, keys and values.
 * @param extras what else the kernel reads.
 * @param attributes see FusedAttentionAttributes.
 * @returns attributes.shape; differentiable in the operands and beta, all in one pass.
 */
export function fusedAttention(
  operands: Readonly<Record<string, Tensor>>,
  { mask, beta }: { mask: Tensor | undefined; beta: Tensor | undefined },
  attributes: FusedAttentionAttributes,
): Tensor {
  const inputs = { ...operands, mask, beta };
  return differentiable(
    inputs,
    (save) => {
      const [out, rowStates] = runKernel(fusedAttentionKernel, inputs, attributes);
      save([out, rowStates, ...Object.values(given(inputs))]);
      return out;
    },
    (dOut, [out, rowStates, ...saved]) => {
      const own = Object.fromEntries(Object.keys(given(inputs)).map((name, index) => [name, saved[index]]));
      const all = runKernel(fusedAttentionGradKernel, { ...own, out, rowStates, dOut }, attributes);
      const gradients = Object.fromEntries(attributes.operands.map((name, index) => [name, all[index]]));
      return { ...gradients, mask: maskGradient, beta: all[attributes.operands.length] };
    },
  );
}
