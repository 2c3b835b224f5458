import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Cases } from '../data/labelledData.js';
import { checkNumber, checkOptions } from '../checks/values.js';
import { type AttentionMap, visitAttentionMaps } from './attentionMaps.js';

/** Which part of the weight counts, and on which cases. */
export interface SupportOptions {
  /** Indices of the cases to look at; default: all. */
  cases?: ArrayLike<number>;
  /** Share of a query's weight that the support has to carry, above 0 and up to 1; default 0.9. */
  share?: number;
}

/** How few keys carry the weight of a head: means over the valid queries of all cases that see a key. */
export interface HeadSupport {
  /** The layer's name. */
  layer: string;
  head: number;
  /** The fewest keys that together carry that share of the weight. */
  keys: number;
  /** Valid keys that the head has. */
  available: number;
  /** Of a query's weights, in nats: ln(available) where all are equal, 0 where one key has all the weight. */
  entropy: number;
  /** Queries that were averaged over. */
  queries: number;
}

/** Adds the queries of a map to the sums in `support`. */
function add(support: HeadSupport, { keys, queries, weights }: AttentionMap, share: number): void {
  for (let i = 0; i < queries; i++) {
    const row = weights
      .slice(i * keys.length, (i + 1) * keys.length)
      .sort()
      .reverse();
    const total = row.reduce((sum, weight) => sum + weight, 0);
    if (total === 0) continue;
    let carried = 0;
    let count = 0;
    while (count < row.length && carried < share * total) carried += row[count++];
    support.keys += count;
    support.available += keys.length;
    for (const weight of row) if (weight > 0) support.entropy -= (weight / total) * Math.log(weight / total);
    support.queries++;
  }
}

/**
 * How few keys carry the weight: in the paper's words, how sparse the support vectors are that a query uses.
 *
 * @param model a trained model made of this package's layers
 * @param data standardised as the model's training data was; padded positions do not count
 * @param options see SupportOptions
 * @returns every head of every layer, in order
 * @throws Error if an option is wrong, model and data do not fit, or no query sees a key
 */
export function attentionSupport(model: LayersModel, data: Cases, options: SupportOptions = {}): HeadSupport[] {
  checkOptions('attentionSupport', options, ['share', 'cases'] satisfies (keyof SupportOptions)[]);
  const { share = 0.9, cases } = options;
  checkNumber('attentionSupport', 'share', share, (x) => x > 0 && x <= 1, 'above 0 and up to 1');
  const found = new Map<string, HeadSupport>();
  visitAttentionMaps('attentionSupport', model, data, cases, (map) => {
    const { layer, head } = map;
    const name = `${layer} ${head}`;
    if (!found.has(name)) found.set(name, { layer, head, keys: 0, available: 0, entropy: 0, queries: 0 });
    add(found.get(name)!, map, share);
  });
  return [...found.values()].map(({ layer, head, queries, ...sums }) => {
    if (queries === 0) throw new Error(`attentionSupport: head ${head} of '${layer}' saw no key; a query must see one`);
    const { keys, available, entropy } = sums;
    return { layer, head, keys: keys / queries, available: available / queries, entropy: entropy / queries, queries };
  });
}
