// All rows of values: each work with each kind of values.

import { nameOf } from '../kernels/rows.js';
import { attentionWorks } from './attention.js';
import { elementwiseWorks } from './elementwise.js';
import { commonValues, type OperandValues } from './operandValues.js';
import { productWorks } from './products.js';
import type { Work } from './work.js';

export interface ValuesRow {
  work: Work;
  values: OperandValues;
}

/** In the order of the table. */
export const rows: readonly ValuesRow[] = [...productWorks, ...attentionWorks, ...elementwiseWorks].flatMap((work) =>
  [...commonValues, ...(work.also ?? [])].map((values) => ({ work, values })),
);

/** What --filter looks at; no two rows have the same. */
export function valuesRowName({ work, values }: ValuesRow): string {
  return `${nameOf(work)} ${values.name}`;
}

/** The row of a name. */
export function valuesRowNamed(name: string): ValuesRow {
  const row = rows.find((row) => valuesRowName(row) === name);
  if (!row) throw new Error(`no row is named '${name}'`);
  return row;
}
