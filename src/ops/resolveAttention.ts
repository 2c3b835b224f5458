// The options of pa.attention, checked against the shapes of a call, as its kernel takes them.

import type { Tensor } from '@tensorflow/tfjs-core';
import { checkOptions } from '../checks/values.js';
import type { AttentionFields } from '../kernels/attentionProblem.js';
import { Side } from '../runtime/generated/bindings.js';
import type { AttentionOptions, ConvolutionOptions } from './attentionOptions.js';
import type { QueryKeySizes } from './attentionShapes.js';
import { attentionOptionNames, checkCombinations, resolveEntries } from './attentionTable.js';

/** The arguments of `attention`, checked, with every default filled in. */
export interface ResolvedAttention {
  mask: Tensor | undefined;
  beta: Tensor | undefined;
  conv: ConvolutionOptions | undefined;
  fields: AttentionFields & { keyLengths: number[] };
}

/** Checks options against the shapes of q and k, and fills in every default. Throws Error as `attention` does. */
export function resolveAttention(options: AttentionOptions, sizes: QueryKeySizes): ResolvedAttention {
  checkOptions('attention', options, attentionOptionNames);
  const { mask, betaTensor: beta, conv, ...fields } = resolveEntries(options, sizes);
  checkCombinations(options);
  return { mask, beta, conv, fields: { ...fields, side: Side.AUTO, pooled: 0 } };
}
