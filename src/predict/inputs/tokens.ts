import { tokenNames } from '../../data/formats/parseTokenLines.js';
import { formatValue } from '../../checks/values.js';
import { type CaseWriter, wrong } from './caseWriter.js';

/** Sequences of at most `length` of `count` tokens; `vocabulary`: their names, where the model has them. */
export function tokenWriter([length]: number[], count: number, vocabulary?: readonly string[]): CaseWriter {
  const indices = new Map(vocabulary?.map((name, index) => [name, index]));
  const tokensOf = (value: unknown): readonly unknown[] | undefined =>
    typeof value === 'string' ? tokenNames(value) : Array.isArray(value) ? (value as unknown[]) : undefined;
  return {
    positions(value, index) {
      if (typeof value === 'string' && !vocabulary) {
        const must = 'a list of indices, since the model holds no names of tokens';
        throw wrong({ case: index }, 'a string', must);
      }
      const given = tokensOf(value);
      if (!given) throw wrong({ case: index }, formatValue(value), 'a string of names, or a list of indices');
      if (given.length >= 1 && given.length <= length) return given.length;
      throw wrong({ case: index }, `${given.length} tokens long`, `1 to ${length} tokens long`);
    },
    write(value, index, positions, target, at) {
      const given = tokensOf(value)!;
      for (let position = 0; position < positions; position++) {
        const token = given[position];
        const found = typeof value === 'string' ? indices.get(token as string) : token;
        if (!Number.isInteger(found) || (found as number) < 0 || (found as number) >= count) {
          const must =
            typeof value === 'string' ? `one of ${vocabulary!.join(' ')}` : `an integer from 0 to ${count - 1}`;
          throw wrong({ case: index, position }, formatValue(token), must);
        }
        target[at + position] = found as number;
      }
    },
  };
}
