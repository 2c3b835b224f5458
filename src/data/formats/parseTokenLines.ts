import { listed, quoted } from '../../checks/quoted.js';
import type { LabelledTokens } from '../labelledData.js';

/** The names of tokens in a text: what stands between spaces and parentheses. */
export function tokenNames(text: string): string[] {
  return text.split(/[\s()]+/).filter((word) => word !== '');
}

/**
 * Parses lines of tokens: names separated by spaces, one case per line. Parentheses, a column after a tab and a first line
 * `Source<tab>Target` are skipped, so that files of Long Range Arena's ListOps can be read too.
 *
 * @param text the lines
 * @param source their name, for errors
 * @param vocabulary the tokens' names, in order
 * @throws Error `source:line: reason` for a word that is no token
 */
export function parseTokenLines(
  text: string,
  source: string,
  vocabulary: readonly string[],
): Omit<LabelledTokens, 'classNames'> {
  const tokenOf = new Map(vocabulary.map((name, token) => [name, token]));
  const tokens: Int32Array[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const [sequence] = line.split('\t');
    const words = tokenNames(sequence);
    if (words.length === 0 || (index === 0 && line === 'Source\tTarget')) return;
    const unknown = words.find((word) => !tokenOf.has(word));
    if (unknown !== undefined) {
      throw new Error(
        `${source}:${index + 1}: a token was ${quoted(unknown)}; it must be one of ${listed(vocabulary, ' ')}`,
      );
    }
    tokens.push(Int32Array.from(words, (word) => tokenOf.get(word)!));
  });
  if (tokens.length === 0) throw new Error(`${source}: holds no case; it must hold at least one`);
  const lengths = tokens.map(({ length }) => length);
  return { kind: 'tokens', tokens, lengths, vocabulary: [...vocabulary], labels: tokens.map(() => -1) };
}
