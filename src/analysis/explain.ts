import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOptions } from '../checks/values.js';
import { caseCount } from '../data/caseCount.js';
import type { Cases } from '../data/labelledData.js';
import { ClassToken } from '../layers/classToken.js';
import { type AttentionMap, visitAttentionMaps } from './attentionMaps.js';
import type { CasesOptions } from './observeAttention.js';

/** What the positions of a case weighed in what a model says of it. */
export interface Explanation {
  /** Index of the case in the data. */
  case: number;
  /** [positions], which add up to 1: of a series, of tokens, or of an image's patches, row by row. Padding has none. */
  shares: Float32Array;
}

/** Mean weight over heads that each query gives to each position: [queries, positions], row by row. */
interface MeanMap {
  heads: number;
  sum: Float64Array;
}

/** Adds a head; the weight of a key that stands for several positions is divided among them. */
function add(mean: MeanMap, { queries, keys, weights }: AttentionMap): void {
  for (let i = 0; i < queries; i++) {
    keys.forEach(([from, to], j) => {
      for (let p = from; p < to; p++) mean.sum[i * queries + p] += weights[i * keys.length + j] / (to - from);
    });
  }
  mean.heads++;
}

/**
 * A layer behind: what the positions before it have of the weight behind it. Half of it comes past the attention, by the
 * residual sum; all of it does for a query that sees nothing.
 */
function before({ heads, sum }: MeanMap, behind: Float64Array): Float64Array {
  const positions = behind.length;
  const result = new Float64Array(positions);
  for (let i = 0; i < positions; i++) {
    const row = sum.subarray(i * positions, (i + 1) * positions);
    const total = row.reduce((a, b) => a + b, 0) / heads;
    const share = behind[i] / (1 + total);
    result[i] += share;
    for (let p = 0; p < positions; p++) result[p] += (share * row[p]) / heads;
  }
  return result;
}

/**
 * Attention rollout: how much of what a model reads its answer from has come from each position of a case, if information
 * went where attention looks. Weights are averaged over the heads of a layer, half of each residual sum counts as the
 * position's own, and the layers are multiplied. The answer is read from the class token where the model has one, else from
 * all positions, each counting the same.
 *
 * It says where a model looks, not what speaks for or against a class: values, feed-forward parts and the readout's weights
 * have no part in it. See docs/inspect.md.
 *
 * @param model a trained model made of this package's layers, whose attentions follow each other
 * @param data standardised as the model's training data was
 * @param options see CasesOptions; each case takes memory for its positions squared
 * @returns an explanation for each case, in their order
 * @throws Error if model and data do not fit, or the model has no attention
 * @see S. Abnar, W. Zuidema, Quantifying Attention Flow in Transformers, ACL 2020, arXiv 2005.00928
 */
export function explain(model: LayersModel, data: Cases, options: Pick<CasesOptions, 'cases'> = {}): Explanation[] {
  checkOptions('explain', options, ['cases']);
  const cases = Array.from(options.cases ?? Array.from({ length: caseCount(data) }, (_, index) => index));
  const hasToken = model.layers.some((layer) => layer instanceof ClassToken);
  return cases.map((index) => {
    const layers = new Map<string, MeanMap>();
    visitAttentionMaps('explain', model, data, [index], (map) => {
      if (!layers.has(map.layer)) layers.set(map.layer, { heads: 0, sum: new Float64Array(map.queries ** 2) });
      add(layers.get(map.layer)!, map);
    });
    const maps = [...layers.values()];
    return { case: index, shares: rollOut(maps, Math.sqrt(maps[0].sum.length), hasToken) };
  });
}

/** From the readout back to the input. */
function rollOut(layers: readonly MeanMap[], positions: number, hasToken: boolean): Float32Array {
  let shares: Float64Array = new Float64Array(positions).fill(hasToken ? 0 : 1 / positions);
  if (hasToken) shares[0] = 1;
  for (const layer of [...layers].reverse()) shares = before(layer, shares);
  if (!hasToken) return Float32Array.from(shares);
  // The token itself holds nothing of the image.
  const rest = shares.subarray(1);
  const total = rest.reduce((a, b) => a + b, 0);
  return Float32Array.from(rest, (share) => share / total);
}
