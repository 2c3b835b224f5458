import { createHash } from 'node:crypto';
import { traitsOf } from '../data/kinds/traitsOf.js';
import type { Dataset } from '../data/labelledData.js';

/**
 * A hash of the cases of a data set, their labels, classes and numbers to learn: two files of one name need not hold the same
 * data.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprint({ train, validation, test }: Dataset): string {
  const hash = createHash('sha256');
  for (const part of [train, ...(validation ? [validation] : []), test]) {
    const { classNames, labels, targets } = part;
    hash.update(JSON.stringify([classNames, labels, ...(targets ? [targets] : [])]));
    for (const values of traitsOf(part).values(part)) hash.update(`${values.length},`).update(values);
  }
  return hash.digest('hex').slice(0, 16);
}
