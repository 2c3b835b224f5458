import type { Dataset, LabelledTokens } from '../labelledData.js';
import { subset } from '../split.js';
import { generateListOps } from './generateListOps.js';

const NAME = 'ListOps';
const TRAIN = 2000;
const TEST = 500;

/** Seed of the named set, so that it is the same everywhere. */
const SEED = 1;

/**
 * ListOps as a data set, generated rather than read: `ListOps` has 2000 training and 500 test cases, `ListOps:8000`
 * 8000 and 500, `ListOps:96000:2000` as many as Long Range Arena. Length bounds and everything else are
 * generateListOps's defaults; no expression is in both parts.
 *
 * @param name the name given to loadDataset
 * @returns the set; undefined if it is not a name of ListOps
 * @throws Error if a number is not an integer from 1 to 999999
 */
export function listOpsByName(name: string): Dataset<LabelledTokens> | undefined {
  const [set, ...counts] = name.split(':');
  if (set !== NAME) return undefined;
  if (counts.length > 2 || !counts.every((count) => /^[1-9]\d{0,5}$/.test(count))) {
    throw new Error(`data set was '${name}'; it must be ${NAME}, ${NAME}:CASES or ${NAME}:CASES:TESTCASES`);
  }
  const [train, test] = [Number(counts[0] ?? TRAIN), Number(counts[1] ?? TEST)];
  const all = generateListOps({ count: train + test, seed: SEED });
  const range = (start: number, length: number) => Array.from({ length }, (_, index) => start + index);
  // The test cases come first, so that sets of different sizes have the same ones.
  return {
    name: name.replaceAll(':', '-'),
    train: subset(all, range(test, train)),
    test: subset(all, range(0, test)),
  };
}
