// Attention over heads side by side, as layers call it; differentiable.

import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import {
  type Columns,
  HEADS_ATTENTION,
  HEADS_ATTENTION_GRAD,
  type HeadsAttentionAttributes,
} from '../kernels/headsAttention.js';
import { noMaskGradient } from './attention.js';
import { type AttentionOptions, resolveAttention } from './attentionOptions.js';
import { pooledCount } from './poolPositions.js';
import { runKernel } from './runKernel.js';

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

/**
 * Multi-head attention between projections: the same as `attention` of their heads, without a transpose or a copy.
 *
 * @param projections float32 [B, N, columns] with queries, [B, pooledCount(positions, scale, unpooled), columns] with keys
 *   and values; a projection may hold several of them side by side, and must hold nothing else.
 * @param layout where the heads lie.
 * @param options as for `attention`, without headScales, conv and blockMask; the dropout of each group has a seed. Averages
 *   behind unpooled keys have no place for `causal` and `window`.
 * @returns float32 [B, N, H E]; differentiable in the projections and batchNorm.beta.
 * @throws Error as `attention` does; OutOfMemoryError.
 */
export function headsAttention(
  projections: readonly Tensor[],
  { headWidth, valueWidth, positions, unpooled = 0, groups }: HeadsLayout,
  options: Omit<AttentionOptions, 'headScales' | 'conv' | 'blockMask'> & { seeds?: readonly number[] },
): Tensor3D {
  const { seeds, ...shared } = options;
  let tensors: { mask?: Tensor; beta?: Tensor } = {};
  const runs = groups.map(({ heads, scale, q, k, v }, index) => {
    const [batch, queries] = projections[q.projection].shape as [number, number];
    const sizes = { batch, heads, keyHeads: heads, queries, keys: positions, headWidth };
    const own = { ...shared, headScales: new Array<number>(heads).fill(scale), seed: seeds?.[index] };
    const mixed = scale > 1 && unpooled > 0;
    if (mixed) {
      // The kernel knows averages of one size only: here they are keys like any others.
      sizes.keys = pooledCount(positions, scale, unpooled);
      own.headScales.fill(1);
      own.keyLengths = own.keyLengths?.map((length) => pooledCount(length, scale, unpooled));
    }
    const resolved = resolveAttention(own, sizes);
    tensors = resolved;
    return { heads, q, k, v, attributes: { ...resolved.attributes, pooled: scale > 1 && !mixed } };
  });
  const { mask, beta } = tensors;
  const attributes: HeadsAttentionAttributes = {
    ...{ headWidth, valueWidth, runs, projections: projections.length },
    hasMask: mask !== undefined,
    hasBeta: beta !== undefined,
  };
  return tf.tidy(() => {
    const inputs = [...projections, mask, beta].filter((tensor) => tensor !== undefined);
    return runKernel(HEADS_ATTENTION, inputs, attributes)[0] as Tensor3D;
  });
}

/** Gradients of all projections, and of beta, in one pass. */
export const headsAttentionGradient: GradConfig = {
  kernelName: HEADS_ATTENTION,
  saveAllInputs: true,
  outputsToSave: [true, true],
  gradFunc: (dy, saved, attrs) => {
    const { projections, hasMask } = attrs as unknown as HeadsAttentionAttributes;
    const [dOut] = dy as Tensor[];
    const inputs = saved.slice(0, -2);
    const gradients = runKernel(HEADS_ATTENTION_GRAD, [...saved.slice(-2), dOut, ...inputs], attrs);
    const all: (() => Tensor)[] = gradients.map((gradient) => () => gradient);
    if (hasMask) all.splice(projections, 0, noMaskGradient);
    return Object.fromEntries(all.entries());
  },
};
