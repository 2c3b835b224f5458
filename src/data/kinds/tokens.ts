import type { LabelledTokens } from '../labelledData.js';
import { pick } from '../pick.js';
import type { KindTraits } from './kindTraits.js';
import { sequenceInputs } from './sequences.js';

/** Sequences of tokens. */
export const tokens: KindTraits<LabelledTokens> = {
  count: ({ tokens }) => tokens.length,
  values: ({ tokens }) => tokens,
  lengths: ({ lengths }) => lengths,
  channels: () => null,
  standardized: (data) => data,
  take: ({ tokens, lengths }, indices) => ({ tokens: pick(tokens, indices), lengths: pick(lengths, indices) }),
  inputShapes: () => [[null], [1]],
  inputs: ({ tokens, lengths }, indices, length) =>
    sequenceInputs({ values: tokens, lengths, position: [] }, indices, length),
  facts: ({ vocabulary }) => ({ vocabulary: vocabulary.join(' ') }),
  metadata: ({ vocabulary }) => ({ vocabulary }),
};
