import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOptions } from '../checks/values.js';
import type { Cases } from '../data/labelledData.js';
import { type AttentionMap, visitAttentionMaps } from './attentionMaps.js';
import { type MeanAndDeviation, meanAndDeviation } from './meanAndDeviation.js';
import { attentionLayers } from './observeAttention.js';
import { pairsOf } from './pairsOf.js';
import { positionWeights } from './positionMap.js';

/** How far the heads of a layer attend to the same positions. */
export interface LayerOverlap {
  /** The layer's name. */
  layer: string;
  /** Mean overlap of each pair of heads, [H][H]: 1 on the diagonal. */
  overlaps: number[][];
  /** Over the pairs. */
  overlap: MeanAndDeviation;
}

/** How far the heads of a model attend to the same positions: the less, the less redundant they are. */
export interface HeadOverlap {
  layers: LayerOverlap[];
  /** Over the pairs of all layers. */
  overlap: MeanAndDeviation;
}

/** Sums over the queries that see a key with both heads of a pair. */
interface Sums {
  overlaps: number[][];
  queries: number[][];
}

/** Adds the queries of a case, seen by all heads of a layer. */
function add({ overlaps, queries }: Sums, maps: readonly AttentionMap[]): void {
  const rows = maps[0].queries;
  const weights = maps.map(positionWeights);
  const length = weights[0].length / rows;
  const totals = weights.map((own) => {
    return Float64Array.from({ length: rows }, (_, i) => {
      let total = 0;
      for (let at = i * length; at < (i + 1) * length; at++) total += own[at];
      return total;
    });
  });
  for (let h = 0; h < maps.length; h++) {
    for (let other = h + 1; other < maps.length; other++) {
      for (let i = 0; i < rows; i++) {
        if (totals[h][i] === 0 || totals[other][i] === 0) continue;
        let common = 0;
        for (let at = i * length; at < (i + 1) * length; at++) {
          common += Math.min(weights[h][at] / totals[h][i], weights[other][at] / totals[other][i]);
        }
        overlaps[h][other] += common;
        queries[h][other]++;
      }
    }
  }
}

function layerOf(owner: string, layer: string, { overlaps: sums, queries }: Sums): LayerOverlap {
  const overlaps = sums.map((row, h) =>
    row.map((_, other) => {
      const [first, second] = [Math.min(h, other), Math.max(h, other)];
      return first === second ? 1 : sums[first][second] / queries[first][second];
    }),
  );
  const pairs = pairsOf(overlaps);
  if (pairs.some(Number.isNaN)) throw new Error(`${owner}: no query of '${layer}' saw a key; one must see one`);
  return { layer, overlaps, overlap: meanAndDeviation(pairs) };
}

/**
 * Redundancy by what heads attend to: the overlap of the weights p and q that two heads give to the positions for one query,
 * sum over positions of min(p, q), which is 1 less their total variation distance: 1 where they attend alike, 0 where to
 * nothing in common. It is averaged over the valid queries of all cases, then over the pairs of heads. The weight of a key that
 * is an average of positions (Attention-SH) is divided among them. Unlike distances of outputs, it does not depend on the size
 * of anything; heads that attend alike may still take different values from there.
 *
 * @param model a trained model made of this package's layers
 * @param data standardised as the model's training data was; padded positions do not count
 * @param options `cases`: indices of the cases to look at; default: all
 * @returns layers in order; those with one head have no pairs and are left out
 * @throws Error if no layer has two heads, no query sees a key, or model and data do not fit
 */
export function headOverlap(model: LayersModel, data: Cases, options: { cases?: ArrayLike<number> } = {}): HeadOverlap {
  const owner = 'headOverlap';
  checkOptions(owner, options, ['cases']);
  const table = (heads: number) => Array.from({ length: heads }, () => new Array<number>(heads).fill(0));
  const layers = attentionLayers(owner, model).flatMap(({ name, attention: { numHeads: heads } }) =>
    heads < 2 ? [] : [{ name, heads, sums: { overlaps: table(heads), queries: table(heads) } }],
  );
  if (layers.length === 0) {
    throw new Error(`${owner}: no layer of model '${model.name}' had two heads; one must have, to be compared`);
  }
  let maps: AttentionMap[] = [];
  visitAttentionMaps(owner, model, data, options.cases, (map) => {
    const layer = layers.find(({ name }) => name === map.layer);
    if (!layer) return;
    maps.push(map);
    if (maps.length < layer.heads) return;
    add(layer.sums, maps);
    maps = [];
  });
  const found = layers.map(({ name, sums }) => layerOf(owner, name, sums));
  return { layers: found, overlap: meanAndDeviation(found.flatMap(({ overlaps }) => pairsOf(overlaps))) };
}
