// Shapes of the operands of pa.attention.

import type { Tensor } from '@tensorflow/tfjs-core';
import { checkTensor, formatShape } from '../checks/tensors.js';
import type { AttentionSizes } from '../kernels/attentionProblem.js';

/** Sizes of q [B, H, N, D] and k [B, G, M, D]. */
export type QueryKeySizes = Omit<AttentionSizes, 'valueWidth'>;

/** Checks q and k, and v where the caller takes one, whatever was given for it. */
export function checkShapes(...operands: [q: Tensor, k: Tensor] | [q: Tensor, k: Tensor, v: Tensor]): QueryKeySizes {
  const [q, k] = operands;
  checkTensor('attention', 'q', q, ['float32'], '[B, H, N, D]');
  checkTensor('attention', 'k', k, ['float32'], '[B, G, M, D]');
  const [batch, heads, queries, headWidth] = q.shape as [number, number, number, number];
  const [kBatch, keyHeads, keys, kHeadWidth] = k.shape as [number, number, number, number];
  if (headWidth < 1) throw new Error(`attention: q was ${formatShape(q)}; its last dimension D must be 1 or more`);
  if (kBatch !== batch || kHeadWidth !== headWidth) {
    throw new Error(
      `attention: k was ${formatShape(k)}; it must be [${batch}, G, M, ${headWidth}] to fit q, ${formatShape(q)}`,
    );
  }
  if (keyHeads < 1 || heads % keyHeads !== 0) {
    throw new Error(
      `attention: k was ${formatShape(k)}; its number of heads G = ${keyHeads} must divide that of q, H = ${heads}`,
    );
  }
  if (operands.length === 3) {
    const [, , v] = operands;
    checkTensor('attention', 'v', v, ['float32'], '[B, G, M, E]');
    const [vBatch, vHeads, vKeys, valueWidth] = v.shape as [number, number, number, number];
    if (valueWidth < 1) throw new Error(`attention: v was ${formatShape(v)}; its last dimension E must be 1 or more`);
    if (vBatch !== batch || vHeads !== keyHeads || vKeys !== keys) {
      throw new Error(
        `attention: v was ${formatShape(v)}; it must be [${batch}, ${keyHeads}, ${keys}, E] to fit k, ${formatShape(k)}`,
      );
    }
  }
  return { batch, heads, keyHeads, queries, keys, headWidth };
}
