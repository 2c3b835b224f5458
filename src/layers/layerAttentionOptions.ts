import type { AttentionOptions } from '../ops/attentionOptions.js';

/** Options of `attention` that a configuration cannot hold: they come with the data, or are arguments of the layer. */
const notHeld = ['mask', 'blockMask', 'conv', 'keyLengths', 'queryOffset', 'dropout', 'seed'] as const;

/** The options of `attention` that a saved model can hold. */
export type LayerAttentionOptions = Omit<AttentionOptions, (typeof notHeld)[number]>;

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
  const wrong = given.find(([name]) => (notHeld as readonly string[]).includes(name));
  if (wrong) throw new Error(`${owner}: attention had '${wrong[0]}'; it must hold only options that JSON can keep`);
  const { batchNorm } = options;
  if (typeof batchNorm === 'object' && typeof batchNorm?.beta === 'object') {
    throw new Error(`${owner}: attention.batchNorm.beta was a tensor; it must be a number, which trainableBeta trains`);
  }
  return Object.fromEntries(given);
}
