import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Cases } from '../data/labelledData.js';
import { type KeySpan, keySpans } from './keySpans.js';
import { attentionLayers, observeAttention } from './observeAttention.js';

/** The weights of one head on one case, without padding. */
export interface AttentionMap {
  /** Index of the case in the data. */
  case: number;
  /** The layer's name. */
  layer: string;
  head: number;
  /** Number of queries: valid positions, N. */
  queries: number;
  /** Positions that each of the M keys stands for: several where Attention-SH averages them. */
  keys: KeySpan[];
  /** [N, M], row by row; a row adds up to 1, or to 0 where no key is seen. */
  weights: Float32Array;
}

/**
 * The attention weights of a model on real cases, head by head. They take the memory that attention itself avoids:
 * choose few cases, or look at one map at a time with visitAttentionMaps.
 *
 * @param model a trained model made of this package's layers
 * @param data standardised as the model's training data was
 * @param cases indices of the cases; default: all
 * @returns the maps, case by case, layer by layer, head by head
 * @throws Error if model and data do not fit, or the model has no attention
 */
export function attentionMaps(model: LayersModel, data: Cases, cases?: ArrayLike<number>): AttentionMap[] {
  const maps: AttentionMap[] = [];
  visitAttentionMaps('attentionMaps', model, data, cases, (map) => maps.push(map));
  return maps;
}

/**
 * As attentionMaps, one map at a time.
 *
 * @param owner the calling function's name, for errors
 */
export function visitAttentionMaps(
  owner: string,
  model: LayersModel,
  data: Cases,
  cases: ArrayLike<number> | undefined,
  visit: (map: AttentionMap) => void,
): void {
  const layers = attentionLayers(owner, model);
  observeAttention(owner, model, data, { cases, batchSize: 1 }, (call) => {
    const { name, attention } = layers[call.layer];
    const weights = call.weights();
    const [, heads, rows, columns] = weights.shape;
    const values = weights.dataSync();
    const [queries] = call.queryLengths;
    const spans = keySpans(attention, call.keyLengths[0]);
    for (let head = 0; head < heads; head++) {
      const keys = spans[head];
      const own = new Float32Array(queries * keys.length);
      for (let i = 0; i < queries; i++) {
        const start = (head * rows + i) * columns;
        own.set(values.subarray(start, start + keys.length), i * keys.length);
      }
      visit({ case: call.cases[0], layer: name, head, queries, keys, weights: own });
    }
  });
}
