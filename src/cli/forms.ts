import { UnknownNameError } from '../data/unknownNameError.js';
import type { LayerAttentionOptions } from '../layers/multiHeadAttention.js';

/** Forms of attention by name, as options of `attention`. */
const forms: Record<string, LayerAttentionOptions> = {
  softmax: { kernel: 'softmax' },
};

export const formNames = Object.keys(forms);

/**
 * @param name as `--form` gives it
 * @returns options of `attention`
 * @throws UnknownNameError if there is no such form
 */
export function attentionOfForm(name: string): LayerAttentionOptions {
  if (!Object.hasOwn(forms, name)) throw new UnknownNameError('form', name, formNames);
  return forms[name];
}
