import { integer, type Rule, text } from '../checks/rules.js';
import { check, checkByRules } from '../checks/values.js';
import { UnknownNameError } from '../checks/unknownNameError.js';
import type { LayerAttentionOptions } from '../layers/multiHeadAttention.js';

/** What a form depends on beside its name. */
export interface FormSizes {
  heads: number;
  /** Positions of the longest series. */
  length: number;
}

/** What sizes must be. */
export const formSizeRules: { readonly [Name in keyof FormSizes]: Rule } = {
  heads: integer(1, 2 ** 16),
  length: integer(1),
};

type Part = (sizes: FormSizes) => LayerAttentionOptions;

const kernels: Record<string, Part> = {
  softmax: () => ({ kernel: 'softmax' }),
  linear: () => ({ kernel: 'linear' }),
  // An eighth of the series to each side, the sparse baseline.
  window: ({ length }) => ({ window: [Math.ceil(length / 8), Math.ceil(length / 8)] }),
};

/** Half of the heads, the first ones, at full length, the others at a scale. */
export const scalesOf = (heads: number, scale: number): LayerAttentionOptions => ({
  headScales: Array.from({ length: heads }, (_, head) => (head < heads / 2 ? 1 : scale)),
});

const batchNorm: Part = () => ({ batchNorm: true });
const headScales: Part = ({ heads }) => scalesOf(heads, 2);
const additions: Record<string, Part> = {
  bn: batchNorm,
  sh: headScales,
  'bn+sh': (sizes) => ({ ...batchNorm(sizes), ...headScales(sizes) }),
};

/** 'softmax', 'linear', 'window'; 'bn', 'sh', 'bn+sh' for softmax's; 'linear+bn' and so on for the others'. */
const forms: Record<string, Part> = {
  ...kernels,
  ...additions,
  ...Object.fromEntries(
    ['linear', 'window'].flatMap((kernel) =>
      Object.keys(additions).map((addition): [string, Part] => [
        `${kernel}+${addition}`,
        (sizes) => ({ ...kernels[kernel](sizes), ...additions[addition](sizes) }),
      ]),
    ),
  ),
};

/** Names of all forms. */
export const attentionFormNames = Object.keys(forms);

/**
 * Options of attention by the name that the command line has for them.
 *
 * @param name 'softmax', 'linear', 'window'; with 'bn', 'sh', 'bn+sh' for softmax's, and 'linear+bn', ... for the others'
 * @returns options of `attention` for given sizes
 * @throws UnknownNameError if there is no such form
 */
export function attentionForm(name: string): (sizes: FormSizes) => LayerAttentionOptions {
  check('attentionForm', 'name', name, text);
  if (!Object.hasOwn(forms, name)) throw new UnknownNameError('form', name, attentionFormNames);
  return (sizes) => {
    checkByRules('attentionForm: sizes', sizes, formSizeRules);
    return forms[name](sizes);
  };
}
