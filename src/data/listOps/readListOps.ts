import { quoted } from '../../checks/quoted.js';
import type { LabelledTokens } from '../labelledData.js';
import { readByLine } from '../../files/readByLine.js';
import { evaluateListOps } from './evaluateListOps.js';
import { tokenizeListOps } from './tokenizeListOps.js';
import { digits, listOpsVocabulary } from './vocabulary.js';

/**
 * Reads a table of ListOps expressions in Long Range Arena's format (basic_train.tsv): a line `Source<tab>Target`, then
 * one expression and its value per line. Node only.
 *
 * @param path the file, perhaps gzipped
 * @returns the expressions as tokens of listOpsVocabulary, without parentheses; the class is the value
 * @throws Error `path:line: reason` if a line is not an expression and its value
 */
export async function readListOps(path: string): Promise<LabelledTokens> {
  const tokens: Int32Array[] = [];
  const labels: number[] = [];
  let header: string | undefined;
  const lines = await readByLine(path, (line) => {
    if (header === undefined) {
      header = line;
      if (line !== 'Source\tTarget') throw new Error(`the line was ${quoted(line)}; it must be 'Source<tab>Target'`);
      return;
    }
    if (line.trim() === '') return;
    const columns = line.split('\t');
    if (columns.length !== 2)
      throw new Error(`the line has ${columns.length} columns; it must have 2, Source and Target`);
    const [source, target] = columns;
    const value = evaluateListOps(source);
    if (target.trim() !== digits[value])
      throw new Error(`Target was ${quoted(target)}; the value of the expression is ${value}`);
    tokens.push(tokenizeListOps(source));
    labels.push(value);
  });
  if (tokens.length === 0) throw new Error(`${path}:${lines}: the file ends without a case`);
  const lengths = tokens.map(({ length }) => length);
  return { kind: 'tokens', tokens, lengths, vocabulary: [...listOpsVocabulary], labels, classNames: [...digits] };
}
