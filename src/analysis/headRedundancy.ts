import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Cases } from '../data/labelledData.js';
import { type MeanAndDeviation, meanAndDeviation } from './meanAndDeviation.js';
import { attentionLayers, type CasesOptions, type ObservedCall, observeAttention } from './observeAttention.js';
import { pairsOf } from './pairsOf.js';

/** How far apart the heads of a layer are. */
export interface LayerRedundancy {
  /** The layer's name. */
  layer: string;
  /** Mean distance of each pair of heads, [H][H]. */
  distances: number[][];
  /** Of the distances, over the pairs. */
  distance: MeanAndDeviation;
  /** Root of the mean square norm of a head's output. */
  norm: number;
  /** Of the distances divided by the norm: 0 for identical heads, sqrt(2) for heads that have nothing in common. */
  relative: MeanAndDeviation;
}

/** How far apart the heads of a model are: the larger, the less redundant. */
export interface HeadRedundancy {
  layers: LayerRedundancy[];
  /** Over the pairs of all layers. */
  distance: MeanAndDeviation;
  relative: MeanAndDeviation;
  /** Valid positions of all cases that were averaged over. */
  positions: number;
}

/** Sums over positions. */
interface Sums {
  distances: number[][];
  squares: number;
  positions: number;
}

/** Adds the valid positions of a call. */
function add(sums: Sums, heads: number, { outputs, queryLengths }: ObservedCall): void {
  const [, queries, columns] = outputs.shape;
  const width = columns / heads;
  const values = outputs.dataSync();
  queryLengths.forEach((length, b) => {
    for (let i = 0; i < length; i++) {
      const row = (b * queries + i) * columns;
      for (let h = 0; h < heads; h++) {
        for (let other = h + 1; other < heads; other++) {
          let square = 0;
          for (let e = 0; e < width; e++)
            square += (values[row + h * width + e] - values[row + other * width + e]) ** 2;
          sums.distances[h][other] += Math.sqrt(square);
        }
      }
      for (let column = 0; column < columns; column++) sums.squares += values[row + column] ** 2;
    }
    sums.positions += length;
  });
}

function layerOf(layer: string, { distances, squares, positions }: Sums): LayerRedundancy {
  const heads = distances.length;
  const means = distances.map((row, h) =>
    row.map((_, other) => distances[Math.min(h, other)][Math.max(h, other)] / positions),
  );
  const norm = Math.sqrt(squares / (positions * heads));
  const pairs = pairsOf(means);
  const relative = meanAndDeviation(pairs.map((distance) => distance / norm));
  return { layer, distances: means, distance: meanAndDeviation(pairs), norm, relative };
}

/**
 * The paper's measure of redundancy: the L2 distance between the outputs of two heads, before the output projection
 * mixes them. It is taken at each valid position, and averaged over the positions of all cases; then the mean and
 * standard deviation over the pairs of heads are taken. Outputs may be of any size, and the distances scale with them:
 * use `relative` to compare different models.
 *
 * @param model a trained model made of this package's layers
 * @param data standardised as the model's training data was; padded positions do not count
 * @param options see CasesOptions
 * @returns layers in order; those with one head have no pairs and are left out
 * @throws Error if no layer has two heads, the cases have no positions, or model and data do not fit
 */
export function headRedundancy(model: LayersModel, data: Cases, options: CasesOptions = {}): HeadRedundancy {
  const owner = 'headRedundancy';
  const attentions = attentionLayers(owner, model).map(({ name, attention }) => ({ name, heads: attention.numHeads }));
  const sums = attentions.map(({ heads }): Sums => {
    const distances = Array.from({ length: heads }, () => new Array<number>(heads).fill(0));
    return { distances, squares: 0, positions: 0 };
  });
  if (attentions.every(({ heads }) => heads < 2)) {
    throw new Error(`${owner}: no layer of model '${model.name}' had two heads; one must have, to be compared`);
  }
  observeAttention(owner, model, data, options, (call) => add(sums[call.layer], attentions[call.layer].heads, call));
  const { positions } = sums[0];
  if (positions === 0) throw new Error(`${owner}: the cases had no positions; one must have some`);
  const layers = attentions.flatMap(({ name, heads }, index) => (heads < 2 ? [] : [layerOf(name, sums[index])]));
  const all = layers.flatMap(({ distances, norm }) => pairsOf(distances).map((distance) => ({ distance, norm })));
  return {
    layers,
    distance: meanAndDeviation(all.map(({ distance }) => distance)),
    relative: meanAndDeviation(all.map(({ distance, norm }) => distance / norm)),
    positions,
  };
}
