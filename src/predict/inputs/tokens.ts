import { tokenNames } from '../../data/formats/parseTokenLines.js';
import { formatValue } from '../../checks/values.js';
import { type CaseWriter, wrong } from './caseWriter.js';

/** Sequences of at most `length` of `count` tokens; `vocabulary`: their names, where the model has them. */
export function tokenWriter([length]: number[], count: number, vocabulary?: readonly string[]): CaseWriter {
  const indices = new Map(vocabulary?.map((name, index) => [name, index]));
  return {
    write(value, index, target, at) {
      if (typeof value === 'string' && !vocabulary) {
        throw wrong(`case ${index}`, 'a string', 'a list of indices, since the model holds no names of tokens');
      }
      const given: readonly unknown[] | undefined =
        typeof value === 'string' ? tokenNames(value) : Array.isArray(value) ? (value as unknown[]) : undefined;
      if (!given) throw wrong(`case ${index}`, formatValue(value), 'a string of names, or a list of indices');
      if (given.length < 1 || given.length > length) {
        throw wrong(`case ${index}`, `${given.length} tokens long`, `1 to ${length} tokens long`);
      }
      given.forEach((token, position) => {
        const found = typeof value === 'string' ? indices.get(token as string) : token;
        if (!Number.isInteger(found) || (found as number) < 0 || (found as number) >= count) {
          const must =
            typeof value === 'string' ? `one of ${vocabulary!.join(' ')}` : `an integer from 0 to ${count - 1}`;
          throw wrong(`case ${index}, position ${position}`, formatValue(token), must);
        }
        target[at + position] = found as number;
      });
      target.fill(0, at + given.length, at + length);
      return given.length;
    },
  };
}
