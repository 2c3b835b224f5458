import { createHash } from 'node:crypto';
import type { Dataset, LabelledData } from '../data/labelledData.js';

function valuesOf(data: LabelledData): readonly (Float32Array | Uint8Array | Int32Array)[] {
  if ('images' in data) return [data.images];
  return 'series' in data ? data.series : data.tokens;
}

/**
 * A hash of the cases of a data set, their labels and classes: two files of one name need not hold the same data.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprint({ train, test }: Dataset): string {
  const hash = createHash('sha256');
  for (const part of [train, test]) {
    hash.update(JSON.stringify([part.classNames, part.labels]));
    for (const values of valuesOf(part)) hash.update(`${values.length},`).update(values);
  }
  return hash.digest('hex').slice(0, 16);
}
