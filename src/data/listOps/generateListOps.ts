import { integer, type Rule } from '../../checks/rules.js';
import { check, checkByRules, checkInteger } from '../../checks/values.js';
import { uniform } from '../../random.js';
import type { LabelledTokens } from '../labelledData.js';
import { digits, END, listOpsVocabulary, operatorNames, operators } from './vocabulary.js';

/** How many expressions there are, and how long and deep they may be. */
export interface ListOpsOptions {
  /** Number of expressions. */
  count: number;
  /** Expressions have more tokens than this; default 500. */
  minimum?: number;
  /** Expressions have fewer tokens than this; default 2000. */
  maximum?: number;
  /** Levels of the tree; default 10. */
  depth?: number;
  /** Most arguments of an operator, which has at least 2; default 10. */
  mostArguments?: number;
  /** The same seed gives the same expressions; default 0. */
  seed?: number;
}

/** Probability that a node above the last level is an operator. */
const OPERATOR = 0.25;

/** Trees drawn in a row without a new one of the right length, after which it gives up. */
const PATIENCE = 1_000_000;

const firstOperator = digits.length;
const end = listOpsVocabulary.indexOf(END);

interface Tree {
  tokens: number[];
  value: number;
}

/** Draws one tree; undefined as soon as it has `maximum` tokens or more. */
function draw(next: () => number, depth: number, mostArguments: number, maximum: number): Tree | undefined {
  const tokens: number[] = [];
  const below = (count: number) => Math.floor(next() * count);

  /** Appends the tokens of a node; its value, or undefined if they are too many. */
  const node = (level: number): number | undefined => {
    if (tokens.length >= maximum) return undefined;
    if (level === depth || next() >= OPERATOR) {
      const digit = below(digits.length);
      tokens.push(digit);
      return digit;
    }
    const operator = below(operatorNames.length);
    tokens.push(firstOperator + operator);
    const values: number[] = [];
    for (let left = 2 + below(mostArguments - 1); left > 0; left--) {
      const value = node(level + 1);
      if (value === undefined) return undefined;
      values.push(value);
    }
    tokens.push(end);
    return operators[operatorNames[operator]](values);
  };

  const value = node(1);
  return value === undefined || tokens.length >= maximum ? undefined : { tokens, value };
}

const rules: { [Name in keyof ListOpsOptions]-?: Rule } = {
  ...{ count: integer(1), minimum: integer(0), maximum: integer(2), depth: integer(1), mostArguments: integer(2) },
  seed: integer(),
};

/**
 * Generates the ListOps task of Long Range Arena by its rule: a node is an operator with probability 1/4 (on the last
 * level, never), otherwise a digit; an operator, one of MIN, MAX, MED and SM, has 2 to `mostArguments` arguments. Trees
 * whose number of tokens is not between minimum and maximum, and duplicates, are discarded. The class is the value.
 *
 * @param options see ListOpsOptions; the defaults are those of Long Range Arena
 * @returns `count` different expressions, as tokens of listOpsVocabulary
 * @throws Error if an option is out of range, or there are not that many expressions between the bounds
 * @see google-research/long-range-arena, lra_benchmarks/data/listops.py; Tay et al., ICLR 2021
 */
export function generateListOps(options: ListOpsOptions): LabelledTokens {
  const owner = 'generateListOps';
  checkByRules(owner, options, rules);
  const { count, minimum = 500, maximum = 2000, depth = 10, mostArguments = 10, seed = 0 } = options;
  check(owner, 'count', count, rules.count);
  checkInteger(owner, 'maximum', maximum, minimum + 2, Infinity);
  const next = uniform(seed);
  const known = new Set<string>();
  const tokens: Int32Array[] = [];
  const labels: number[] = [];
  for (let failures = 0; tokens.length < count; failures++) {
    if (failures > PATIENCE) {
      throw new Error(
        `generateListOps: count was ${count}; it must be smaller, as after ${tokens.length} expressions of more than ` +
          `${minimum} and fewer than ${maximum} tokens no other one was found`,
      );
    }
    const tree = draw(next, depth, mostArguments, maximum);
    if (!tree || tree.tokens.length <= minimum) continue;
    const key = String.fromCharCode(...tree.tokens);
    if (known.has(key)) continue;
    known.add(key);
    tokens.push(Int32Array.from(tree.tokens));
    labels.push(tree.value);
    failures = 0;
  }
  const lengths = tokens.map(({ length }) => length);
  return { kind: 'tokens', tokens, lengths, vocabulary: [...listOpsVocabulary], labels, classNames: [...digits] };
}
