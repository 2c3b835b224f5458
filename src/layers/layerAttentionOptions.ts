import type { Tensor } from '@tensorflow/tfjs-core';
import { formatValue } from '../checks/values.js';
import type { AttentionOptions } from '../ops/attentionOptions.js';
import { attentionOptionNames, attentionTable, type SavedName } from '../ops/attentionTable.js';
import { resolveAttention } from '../ops/resolveAttention.js';
import type { Argument } from './layerArguments.js';

/** The options of `attention` that a saved model can hold. */
export type LayerAttentionOptions = Pick<AttentionOptions, SavedName>;

const notSaved: readonly string[] = attentionOptionNames.filter((name) => !attentionTable[name].saved);

/**
 * Options of attention as an argument: those that were given. Checked one by one where the heads are known, by
 * checkLayerAttention.
 */
export const attentionArgument: Argument<LayerAttentionOptions, LayerAttentionOptions> = {
  resolve(owner, name, options) {
    if (options === undefined || options === null) return {};
    if (typeof options !== 'object' || Array.isArray(options)) {
      throw new Error(`${owner}: ${name} was ${formatValue(options)}; it must be an object of options of attention`);
    }
    const given = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
    const wrong = given.find(([option]) => notSaved.includes(option));
    if (wrong) throw new Error(`${owner}: ${name} had '${wrong[0]}'; it must hold only options that JSON can keep`);
    const { batchNorm } = options;
    if (typeof batchNorm === 'object' && typeof batchNorm?.beta === 'object') {
      throw new Error(`${owner}: ${name}.batchNorm.beta was a tensor; it must be a number, which trainableBeta trains`);
    }
    return Object.fromEntries(given);
  },
};

/** What a layer's attention depends on, beside its options. */
export interface AttentionPlace {
  numHeads: number;
  useCausalMask: boolean;
  unpooled: number;
  /** Rate on the weights; default 0. */
  dropout?: number;
  /** Whether a beta is trained. */
  trainableBeta: boolean;
}

/** @throws Error if averages would stand behind unpooled keys where positions matter: they have no place among them */
export function checkUnpooled(
  owner: string,
  { headScales, causal, window }: LayerAttentionOptions,
  { unpooled, useCausalMask }: Pick<AttentionPlace, 'unpooled' | 'useCausalMask'>,
): void {
  const limited = useCausalMask || causal;
  if (unpooled === 0 || !(limited || window) || !headScales?.some((scale) => scale > 1)) return;
  throw new Error(
    `${owner}: unpooled was ${unpooled}; it must be 0 where attention has both headScales and ` +
      `${limited ? 'causal' : 'window'}, which cannot place the averages behind the unpooled keys`,
  );
}

/** @throws Error that names an option which is wrong, or cannot be combined: what a call would find is better known now */
export function checkLayerAttention(owner: string, attention: LayerAttentionOptions, place: AttentionPlace): void {
  const { numHeads: heads, useCausalMask, dropout = 0 } = place;
  const sizes = { batch: 1, heads, keyHeads: heads, queries: 1, keys: 1, headWidth: 1 };
  // attention refuses causal in the name of useCausalMask as well.
  resolveAttention({ ...attention, causal: useCausalMask || attention.causal, dropout }, sizes);
  checkUnpooled(owner, attention, place);
  if (!place.trainableBeta || attention.batchNorm) return;
  throw new Error(`${owner}: trainableBeta was true without attention.batchNorm, whose beta it trains`);
}

/** Whether a form of attention, which cannot do with gaps among the keys, does not ask where keys stand. */
export function isOrderFree({ kernel, batchNorm, headScales, ...places }: LayerAttentionOptions): boolean {
  const isPlaced = places.causal || places.window || places.alibiSlopes || headScales?.some((scale) => scale > 1);
  return !isPlaced && (kernel === 'linear' || Boolean(batchNorm));
}

/**
 * @param mask of a call, if lengths do not say it all
 * @param hasGaps whether it hides keys in front of valid ones
 * @throws Error if this form of attention cannot do with it
 */
export function checkMasked(
  owner: string,
  { headScales, batchNorm }: LayerAttentionOptions,
  mask: Tensor | undefined,
  hasGaps: boolean,
): void {
  const fault = !mask
    ? undefined
    : headScales?.some((scale) => scale !== 1)
      ? 'headScales cannot be combined with a mask that hides keys in front of others: averages of keys are seen as a whole'
      : hasGaps && batchNorm
        ? 'batchNorm cannot be combined with a mask that hides keys in front of others where their positions matter: its ' +
          'statistics are of all positions up to a length'
        : undefined;
  if (fault) throw new Error(`${owner}: ${fault}`);
}
