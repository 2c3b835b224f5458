// All rows of kernels, in the order of the table.

import { softmaxRows } from './attention.js';
import { convolutionRows } from './convolution.js';
import { elementwiseRows } from './elementwise.js';
import { familyRows } from './family.js';
import { linearRows } from './linear.js';
import { matMulRows } from './matmul.js';
import { nameOf, type Row } from './rows.js';

export const rows: readonly Row[] = [
  ...softmaxRows,
  ...familyRows,
  ...matMulRows,
  ...linearRows,
  ...convolutionRows,
  ...elementwiseRows,
];

/** The row of a name. */
export function rowNamed(name: string): Row {
  const row = rows.find((row) => nameOf(row) === name);
  if (!row) throw new Error(`no row is named '${name}'`);
  return row;
}
