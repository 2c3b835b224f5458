import type { AttentionOptions } from '../ops/attentionOptions.js';
import { attentionOptionNames, attentionTable, type SavedName } from '../ops/attentionTable.js';

/** The options of `attention` that a saved model can hold. */
export type LayerAttentionOptions = Pick<AttentionOptions, SavedName>;

const notSaved: readonly string[] = attentionOptionNames.filter((name) => !attentionTable[name].saved);

/**
 * Checks that a configuration can hold options. JSON has no undefined: a saved option that was not given comes back as null.
 *
 * @param owner the layer, for errors
 * @param options as given, or as saved
 * @returns those that were given
 * @throws Error that names an option that it cannot hold
 */
export function checkLayerAttention(owner: string, options: LayerAttentionOptions): LayerAttentionOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  const wrong = given.find(([name]) => notSaved.includes(name));
  if (wrong) throw new Error(`${owner}: attention had '${wrong[0]}'; it must hold only options that JSON can keep`);
  const { batchNorm } = options;
  if (typeof batchNorm === 'object' && typeof batchNorm?.beta === 'object') {
    throw new Error(`${owner}: attention.batchNorm.beta was a tensor; it must be a number, which trainableBeta trains`);
  }
  return Object.fromEntries(given);
}
