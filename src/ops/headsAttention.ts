// Attention over heads side by side, as layers call it; differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { checkInteger } from '../checks/values.js';
import type { HeadsRun, OperandView } from '../kernels/attention.js';
import type { AttentionOptions } from './attentionOptions.js';
import { fusedAttention } from './fusedAttention.js';
import { pooledCount } from './poolPositions.js';
import { resolveAttention } from './resolveAttention.js';

/** The heads of an operand side by side: from this column of this projection on. */
export interface Columns {
  projection: number;
  column: number;
}

/** Neighbouring heads whose keys and values are averages of `scale` positions. */
export interface HeadsGroup {
  heads: number;
  /** 1: as they are. */
  scale: number;
  q: Columns;
  k: Columns;
  v: Columns;
}

/** What the projections hold. */
export interface HeadsLayout {
  /** Width of a head's queries and keys, and of its values. */
  headWidth: number;
  valueWidth: number;
  /** Keys before any averaging, to which keyLengths, `causal` and `window` refer. */
  positions: number;
  /** Leading keys that no average holds, as `poolPositions` has them; default 0. */
  unpooled?: number;
  /** All heads, in order. */
  groups: readonly HeadsGroup[];
}

const owner = 'headsAttention';

/** The kernel reads and writes what a layout says: every row and column of it must be there. */
function checkLayout(projections: readonly Tensor[], layout: HeadsLayout): void {
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
export function headsAttention(
  projections: readonly Tensor[],
  layout: HeadsLayout,
  options: Omit<AttentionOptions, 'headScales' | 'conv' | 'blockMask'> & { seeds?: readonly number[] },
): Tensor3D {
  checkLayout(projections, layout);
  const { headWidth, valueWidth, positions, unpooled = 0, groups } = layout;
  const { seeds, ...shared } = options;
  const names = projections.map((_, index) => `projection${index}`);
  const [batch, queries] = projections[groups[0].q.projection].shape as [number, number];
  const allHeads = groups.reduce((sum, { heads }) => sum + heads, 0);
  let tensors: { mask: Tensor | undefined; beta: Tensor | undefined } = { mask: undefined, beta: undefined };
  let head = 0;
  const runs = groups.map(({ heads, scale, q, k, v }, index): HeadsRun => {
    const sizes = { batch, heads, keyHeads: heads, queries, keys: positions, headWidth };
    const own = { ...shared, headScales: new Array<number>(heads).fill(scale), seed: seeds?.[index] };
    const mixed = scale > 1 && unpooled > 0;
    if (mixed) {
      // The kernel knows averages of one size only: here they are keys like any others.
      sizes.keys = pooledCount(positions, scale, unpooled);
      own.headScales.fill(1);
      own.keyLengths = own.keyLengths?.map((length) => pooledCount(length, scale, unpooled));
    }
    const { mask, beta, fields } = resolveAttention(own, sizes);
    tensors = { mask, beta };
    const view = ({ projection, column }: Columns, width: number): OperandView => {
      const [, rows, columns] = projections[projection].shape as [number, number, number];
      return { input: names[projection], offset: column, strides: [rows * columns, width, columns] };
    };
    const width = allHeads * valueWidth;
    const out: HeadsRun['out'] = { offset: head * valueWidth, strides: [queries * width, valueWidth, width] };
    head += heads;
    return {
      // What the projections hold of them.
      sizes: { ...sizes, keys: projections[k.projection].shape[1]!, valueWidth },
      ...{ q: view(q, headWidth), k: view(k, headWidth), v: view(v, valueWidth), out },
      fields: { ...fields, pooled: Number(scale > 1 && !mixed) },
    };
  });
  const operands = Object.fromEntries(names.map((name, index) => [name, projections[index]]));
  const shape = [batch, queries, allHeads * valueWidth];
  return tf.tidy(() => fusedAttention(operands, tensors, { operands: names, runs, shape }) as Tensor3D);
}
