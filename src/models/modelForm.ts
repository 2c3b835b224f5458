import { integer, text } from '../checks/rules.js';
import { check, checkByRules } from '../checks/values.js';
import { UnknownNameError } from '../checks/unknownNameError.js';
import type { LayerAttentionOptions } from '../layers/layerAttentionOptions.js';
import { attentionForm, attentionFormNames, type FormSizes, formSizeRules, scalesOf } from './attentionForm.js';
import type { EncoderOptions } from './encoder.js';

/** What a model's form depends on beside its name. */
export interface ModelFormSizes extends FormSizes {
  /** Encoder layers. */
  layers: number;
}

type ModelPart = (sizes: ModelFormSizes) => Pick<EncoderOptions, 'attention' | 'trainableBeta'>;

/** Scales 2, 4, 8, ... from layer to layer, as long as two averages are left. */
function scalesOfLayers({ heads, length, layers }: ModelFormSizes, batchNorm = false): LayerAttentionOptions[] {
  const most = Math.max(2, 2 ** Math.floor(Math.log2(length / 2)));
  return Array.from({ length: layers }, (_, layer) => ({
    batchNorm,
    ...scalesOf(heads, Math.min(2 ** (layer + 1), most)),
  }));
}

/** Forms of models that are more than options of attention, the same for all layers. */
const variants: Record<string, ModelPart> = {
  'bn-beta': () => ({ attention: { batchNorm: true }, trainableBeta: true }),
  'sh-layers': (sizes) => ({ attention: scalesOfLayers(sizes) }),
  'bn-beta+sh': ({ heads }) => ({ attention: { batchNorm: true, ...scalesOf(heads, 2) }, trainableBeta: true }),
  'bn+sh-layers': (sizes) => ({ attention: scalesOfLayers(sizes, true) }),
  'bn-beta+sh-layers': (sizes) => ({ attention: scalesOfLayers(sizes, true), trainableBeta: true }),
};

/** Names of all forms of models: those of attention, and variants of them. */
export const modelFormNames = [...attentionFormNames, ...Object.keys(variants)];

/**
 * Options of a model by the name that the command line has for them, as all models take them.
 *
 * @param name one of attentionForm's, for all layers alike; with 'bn-beta' in place of 'bn', the beta of Attention-BN is trained,
 *   from 1 on; with 'sh-layers' in place of 'sh', the scales of Attention-SH double from layer to layer
 * @returns options of a model for given sizes
 * @throws UnknownNameError if there is no such form
 */
export function modelForm(
  name: string,
): (sizes: ModelFormSizes) => Pick<EncoderOptions, 'attention' | 'trainableBeta'> {
  check('modelForm', 'name', name, text);
  if (!Object.hasOwn(variants, name) && !attentionFormNames.includes(name)) {
    throw new UnknownNameError('form', name, modelFormNames);
  }
  return (sizes) => {
    const rules = { ...formSizeRules, layers: integer(1) };
    checkByRules('modelForm: sizes', sizes, rules);
    const { heads, length, layers } = sizes;
    check('modelForm: sizes', 'layers', layers, rules.layers);
    return Object.hasOwn(variants, name)
      ? variants[name](sizes)
      : { attention: attentionForm(name)({ heads, length }) };
  };
}
