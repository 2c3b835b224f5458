// Attention over heads side by side, as layers call it; differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { checkInteger } from '../checks/values.js';
import { pooledCount } from '../kernels/pooledCount.js';
import { fusedAttention } from './fusedAttention.js';
import { headsRuns, type HeadsLayout, type HeadsOptions } from './headsRuns.js';

const owner = 'headsAttention';

/** The kernel reads and writes what a layout says: every row and column of it must be there. */
export function checkLayout(projections: readonly Tensor[], layout: HeadsLayout): void {
  const { headWidth, valueWidth, positions, unpooled = 0, groups } = layout;
  Object.entries({ headWidth, valueWidth }).forEach(([name, width]) => checkInteger(owner, name, width, 1, Infinity));
  Object.entries({ positions, unpooled }).forEach(([name, count]) => checkInteger(owner, name, count, 0, Infinity));
  if (groups.length === 0) throw new Error(`${owner}: groups was []; it must hold all heads`);
  projections.forEach((one, index) => checkTensor(owner, `projection ${index}`, one, ['float32'], '[B, N, columns]'));
  const [first] = groups;
  const queries = projections[first.q.projection];
  const [batch, rows] = queries.shape;
  groups.forEach(({ heads, scale, ...parts }, group) => {
    checkInteger(owner, `groups[${group}].heads`, heads, 1, Infinity);
    checkInteger(owner, `groups[${group}].scale`, scale, 1, Infinity);
    const keys = pooledCount(positions, scale, unpooled);
    const checkPart = (part: 'q' | 'k' | 'v', length: number, width: number, fits: string) => {
      const { projection, column } = parts[part];
      const tensor = projections[projection];
      const columns = column + heads * width;
      const [b, n, c] = tensor.shape as [number, number, number];
      if (b === batch && n === length && column >= 0 && c >= columns) return;
      throw new Error(
        `${owner}: ${part} was ${formatShape(tensor)}; it must be [${batch}, ${length}, ${columns} or more], to fit ${fits}`,
      );
    };
    checkPart('q', rows, headWidth, `the queries, ${formatShape(queries)}`);
    checkPart('k', keys, headWidth, `${positions} keys averaged over ${scale}, and q, ${formatShape(queries)}`);
    checkPart('v', keys, valueWidth, `k, ${formatShape(projections[parts.k.projection])}`);
  });
}

/**
 * Multi-head attention between projections: the same as `attention` of their heads, without a transpose or a copy.
 *
 * @param projections float32 [B, N, columns] with queries, [B, pooledCount(positions, scale, unpooled), columns] with keys
 *   and values; a projection may hold several of them side by side, and must hold nothing else.
 * @param layout where the heads lie.
 * @param options as for `attention`, without headScales, conv and blockMask; the dropout of each group has a seed. Averages
 *   behind unpooled keys have no place for `causal` and `window`.
 * @returns float32 [B, N, H E]; differentiable in the projections and batchNorm.beta.
 * @throws Error as `attention` does, and if a projection does not hold what the layout says; OutOfMemoryError.
 */
export function headsAttention(projections: readonly Tensor[], layout: HeadsLayout, options: HeadsOptions): Tensor3D {
  checkLayout(projections, layout);
  const shapes = projections.map(({ shape }) => shape);
  const { mask, beta, ...attributes } = headsRuns(shapes, layout, options);
  const operands = Object.fromEntries(attributes.operands.map((name, index) => [name, projections[index]]));
  return tf.tidy(() => fusedAttention(operands, { mask, beta }, attributes) as Tensor3D);
}
