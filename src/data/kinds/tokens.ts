import { integer } from '../../checks/rules.js';
import { check, formatValue } from '../../checks/values.js';
import type { Cases, LabelledTokens } from '../labelledData.js';
import { pick } from '../pick.js';
import { checkLists, checkSequence } from './caseChecks.js';
import type { KindTraits } from './kindTraits.js';
import { sequenceInputs } from './sequences.js';

/** Sequences of tokens. */
export const tokens: KindTraits<Cases<LabelledTokens>> = {
  checkFields(owner, { tokens, lengths, vocabulary }) {
    checkLists(owner, 'tokens', tokens, lengths);
    if (Array.isArray(vocabulary) && vocabulary.length > 0 && vocabulary.every((name) => typeof name === 'string'))
      return;
    throw new Error(
      `${owner}: vocabulary was ${Array.isArray(vocabulary) ? 'an array' : formatValue(vocabulary)}; ` +
        'it must hold one or more names of tokens',
    );
  },
  checkCase(owner, { tokens, lengths, vocabulary }, index) {
    const values = tokens[index];
    checkSequence(owner, { name: 'tokens', values, length: lengths[index], width: 1 }, index);
    for (let i = 0; i < values.length; i++) {
      if (Number.isInteger(values[i]) && values[i] >= 0 && values[i] < vocabulary.length) continue;
      const place = `the token of case ${index + 1} at position ${i + 1}`;
      check(owner, place, values[i], integer(0, vocabulary.length - 1));
    }
  },
  notFinite: () => undefined, // checkCase has seen to it
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
