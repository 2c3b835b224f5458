// Rows of a table by index, differentiable.

import type { Tensor } from '@tensorflow/tfjs-core';
import { embeddingGradKernel, embeddingKernel } from '../kernels/embedding.js';
import { differentiable } from '../runtime/gradients.js';
import { checkTensor } from '../checks/tensors.js';
import { runKernel } from './runKernel.js';

/**
 * The vectors of tokens.
 *
 * @param indices int32 of any shape, each 0 .. V - 1.
 * @param table float32 [V, C].
 * @returns [...shape of indices, C]; differentiable in the table.
 * @throws Error that names the argument, if one is wrong or an index lies outside the table.
 */
export function embedding(indices: Tensor, table: Tensor): Tensor {
  checkTensor('embedding', 'indices', indices, ['int32']);
  checkTensor('embedding', 'table', table, ['float32'], '[V, C]');
  const [count] = table.shape;
  return differentiable(
    { table },
    (save) => {
      save([indices]);
      return runKernel(embeddingKernel, { indices, table }, {})[0];
    },
    (dY, [indices]) => ({ table: runKernel(embeddingGradKernel, { indices, dY }, { count })[0] }),
  );
}
