// The arithmetic of every form of attention: what its products need, whatever else an implementation computes.

import { checkInteger, checkOptions } from '../checks/values.js';
import type { QueryKeySizes } from '../ops/attentionShapes.js';
import { attentionOptionNames, resolveEntries } from '../ops/attentionTable.js';

/** Sizes of a call: q [B,H,N,D], k [B,G,M,D], v [B,G,M,E]. */
export interface AttentionSizes extends QueryKeySizes {
  valueWidth: number;
}

/** The options of `attention` that change its arithmetic; all others leave it as it is. */
export interface AttentionForm {
  kernel?: 'softmax' | 'linear';
  headScales?: readonly number[];
  keyLengths?: readonly number[];
  causal?: boolean;
  window?: readonly [left: number, right: number];
  queryOffset?: number | readonly number[];
  /** `density`: share of the blocks that are seen, 0 to 1. */
  blockMask?: { density: number };
  /** Kernel [G, D, ...taps]. */
  conv?: { kernel: { shape: readonly number[] } };
}

/** Floating-point operations of one call of attention. */
export interface AttentionFlops {
  forward: number;
  /** The gradients of q, k, v and conv.kernel, with the scores, or the state of linear attention, recomputed. */
  backward: number;
}

const sizeNames = [
  ...['batch', 'heads', 'keyHeads', 'queries', 'keys', 'headWidth', 'valueWidth'],
] as (keyof AttentionSizes)[];

/**
 * Pairs of a query and a key that one head sees in a sample with `length` valid keys, averaged `scale` at a time: under
 * `causal` such a key is seen when all its positions are in the past, under `window` when any is inside.
 */
function visiblePairs(queries: number, length: number, scale: number, offset: number, form: AttentionForm): number {
  const { causal = false, window: [left, right] = [-1, -1] } = form;
  const count = Math.ceil(length / scale);
  let pairs = 0;
  for (let position = offset; position < offset + queries; position++) {
    let first = 0;
    let end = count;
    if (left >= 0 && position > left) first = position - left >= length ? count : Math.floor((position - left) / scale);
    if (causal && position < length - 1) end = Math.floor((position + 1) / scale);
    if (right >= 0) end = Math.min(end, Math.floor((position + right) / scale) + 1);
    pairs += Math.max(0, end - first);
  }
  return pairs;
}

/** One head of one sample: P pairs are seen, of N queries and `count` keys. A multiply-add counts 2. */
function headFlops({ queries, headWidth, valueWidth }: AttentionSizes, pairs: number, count: number): AttentionFlops[] {
  return [
    // Dual side. Forward: q k^T, P v. Backward: q k^T, dOut v^T, P^T dOut, dS^T q, dS k.
    { forward: 2 * pairs * (headWidth + valueWidth), backward: 2 * pairs * (3 * headWidth + 2 * valueWidth) },
    // Primal side of linear attention, by the state S = phi(k)^T v. Forward: S, phi(q) S.
    // Backward: S, dOut S^T, dS = phi(q)^T dOut, v dS^T, phi(k) dS.
    {
      forward: 2 * (queries + count) * headWidth * valueWidth,
      backward: 2 * (2 * queries + 3 * count) * headWidth * valueWidth,
    },
  ];
}

/**
 * Floating-point operations of the products of one attention call. With N queries, M keys that a head sees after
 * averaging, widths D and E, a head of one sample needs
 *
 *     softmax            2 N M (D + E)       4 N M D where E = D; the gradients 10 N M D
 *     linear             2 (N + M) D E       4 N D E where M = N, or as softmax where that is less; the gradients 10 N D E
 *     causal, window     the pairs that are seen instead of N M
 *     blockMask          N M times its density
 *     headScales         ceil(M / r) instead of M
 *     conv, W taps       2 W D (N + M / (H / G)) more; the gradients twice that
 *
 * Exponentials, averages, Attention-BN's statistics, masks, soft cap and dropout are not counted: Attention-BN has the
 * arithmetic of softmax.
 *
 * @throws Error that names a size or an option that is none
 */
export function attentionFlops(sizes: AttentionSizes, form: AttentionForm = {}): AttentionFlops {
  const owner = 'attentionFlops';
  checkOptions(owner, sizes, sizeNames);
  for (const name of sizeNames) checkInteger(owner, name, sizes[name], 0, Infinity);
  // A layer gives all of its options, of which the others make no difference.
  checkOptions(owner, form, attentionOptionNames);
  const { headScales, keyLengths, causal, window, queryOffset: offsets } = form;
  resolveEntries({ headScales, keyLengths, causal, window, queryOffset: offsets }, sizes);
  const { batch, heads, keyHeads, queries, keys, headWidth } = sizes;
  const { kernel = 'softmax', queryOffset = 0, blockMask, conv } = form;
  const total = { forward: 0, backward: 0 };
  const add = (times: number, { forward, backward }: AttentionFlops) => {
    total.forward += times * forward;
    total.backward += times * backward;
  };
  const taps = conv ? conv.kernel.shape.slice(2).reduce((product, size) => product * size, 1) : 0;
  for (let b = 0; b < batch; b++) {
    const length = form.keyLengths?.[b] ?? keys;
    const offset = typeof queryOffset === 'number' ? queryOffset : queryOffset[b];
    for (let g = 0; g < keyHeads; g++) {
      const scale = form.headScales?.[g] ?? 1;
      const pairs = visiblePairs(queries, length, scale, offset, form) * (blockMask?.density ?? 1);
      const [dual, primal] = headFlops(sizes, pairs, Math.ceil(length / scale));
      add(heads / keyHeads, kernel === 'linear' && primal.forward < dual.forward ? primal : dual);
    }
    const convolution = 2 * taps * headWidth * (heads * queries + keyHeads * length);
    add(1, { forward: convolution, backward: 2 * convolution });
  }
  return total;
}
