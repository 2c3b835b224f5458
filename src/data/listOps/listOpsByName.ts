import type { Dataset, LabelledTokens } from '../labelledData.js';
import { subset } from '../split.js';
import { generateListOps } from './generateListOps.js';

const NAME = 'ListOps';
const TRAIN = 2000;
const TEST = 500;

/** Seed of the named set, so that it is the same everywhere. */
const SEED = 1;

/** Numbers of cases, and the tokens of the shortest and the longest one. */
const form = new RegExp(`^${NAME}(?::([1-9]\\d{0,5})(?::([1-9]\\d{0,5})(?::([1-9]\\d{0,3})-([1-9]\\d{0,3}))?)?)?$`);

/**
 * ListOps as a data set, generated rather than read: `ListOps` has 2000 training and 500 test cases, `ListOps:8000`
 * 8000 and 500, `ListOps:96000:2000` as many as Long Range Arena, `ListOps:8000:500:100-500` cases of 100 to 500 tokens.
 * Everything else is as generateListOps's defaults say; no expression is in both parts.
 *
 * @param name the name given to loadDataset
 * @returns the set; undefined if it is not a name of ListOps
 * @throws Error if a number of cases is not an integer from 1 to 999999, or one of tokens not from 1 to 9999; if there are not
 *   that many expressions of these lengths
 */
export function listOpsByName(name: string): Dataset<LabelledTokens> | undefined {
  if (name.split(':')[0] !== NAME) return undefined;
  const [matched, train = TRAIN, test = TEST, shortest, longest] = form.exec(name) ?? [];
  if (matched === undefined || Number(shortest) > Number(longest)) {
    throw new Error(
      `data set was '${name}'; it must be ${NAME}, ${NAME}:CASES, ${NAME}:CASES:TESTCASES or ` +
        `${NAME}:CASES:TESTCASES:SHORTEST-LONGEST, such as ${NAME}:8000:500:100-500`,
    );
  }
  const bounds = shortest === undefined ? {} : { minimum: Number(shortest) - 1, maximum: Number(longest) + 1 };
  const [trainCount, testCount] = [Number(train), Number(test)];
  const all = generateListOps({ count: trainCount + testCount, seed: SEED, ...bounds });
  const range = (start: number, length: number) => Array.from({ length }, (_, index) => start + index);
  // The test cases come first, so that sets of different sizes have the same ones.
  return {
    name: name.replaceAll(':', '-'),
    train: subset(all, range(testCount, trainCount)),
    test: subset(all, range(0, testCount)),
  };
}
