import { quoted } from '../../checks/quoted.js';
import { text as textRule } from '../../checks/rules.js';
import { check } from '../../checks/values.js';
import { listOpsVocabulary } from './vocabulary.js';

const tokenOf = new Map(listOpsVocabulary.map((name, token) => [name, token]));

/**
 * Turns a ListOps expression into tokens.
 *
 * @param text names of listOpsVocabulary, separated by spaces; parentheses are left out
 * @returns their indices
 * @throws Error that names the first word that is not one of them
 */
export function tokenizeListOps(text: string): Int32Array {
  check('tokenizeListOps', 'text', text, textRule);
  const words = text.trim().split(/\s+/);
  const kept = words.filter((word) => word !== '(' && word !== ')');
  return Int32Array.from(kept, (word) => {
    const token = tokenOf.get(word);
    if (token === undefined) {
      throw new Error(`tokenizeListOps: a token was ${quoted(word)}; it must be one of ${listOpsVocabulary.join(' ')}`);
    }
    return token;
  });
}
