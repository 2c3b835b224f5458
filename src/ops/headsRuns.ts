// How attention over heads side by side is cut into runs of neighbouring heads, each a call of the kernel: for tensors, and
// for the plan of src/predict.

import type { Tensor } from '@tensorflow/tfjs-core';
import type { FusedAttentionAttributes, HeadsRun, OperandView } from '../kernels/attention.js';
import { pooledCount } from '../kernels/pooledCount.js';
import type { AttentionOptions } from './attentionOptions.js';
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

/** Options of a call: those of `attention` that go with heads side by side, and a seed for the dropout of each group. */
export type HeadsOptions = Omit<AttentionOptions, 'headScales' | 'conv' | 'blockMask'> & { seeds?: readonly number[] };

/** The call's runs, and the tensors that all of them read. */
export interface HeadsRuns extends FusedAttentionAttributes {
  mask: Tensor | undefined;
  beta: Tensor | undefined;
}

/**
 * @param shapes of the projections, see headsAttention; the operands are called projection0, projection1, ...
 * @throws Error as `attention` does.
 */
export function headsRuns(
  shapes: readonly (readonly number[])[],
  { headWidth, valueWidth, positions, unpooled = 0, groups }: HeadsLayout,
  options: HeadsOptions,
): HeadsRuns {
  const { seeds, ...shared } = options;
  const operands = shapes.map((_, index) => `projection${index}`);
  const [batch, queries] = shapes[groups[0].q.projection];
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
      const [, rows, columns] = shapes[projection];
      return { input: operands[projection], offset: column, strides: [rows * columns, width, columns] };
    };
    const width = allHeads * valueWidth;
    const out: HeadsRun['out'] = { offset: head * valueWidth, strides: [queries * width, valueWidth, width] };
    head += heads;
    return {
      // What the projections hold of them.
      sizes: { ...sizes, keys: shapes[k.projection][1], valueWidth },
      ...{ q: view(q, headWidth), k: view(k, headWidth), v: view(v, valueWidth), out },
      fields: { ...fields, pooled: Number(scale > 1 && !mixed) },
    };
  });
  return { ...tensors, operands, runs, shape: [batch, queries, allHeads * valueWidth] };
}
