// What the stages of the oracle compute with: rows of one head, and sums that know how large their terms were.

/** [n][width]. */
export type Rows = Float64Array[];

/**
 * Applied to the result of every operation: identity for float64, Math.fround for float32. The inner loops know these
 * two by name, since a call through a variable takes longer than the operation.
 */
export type Round = (x: number) => number;

export function makeRows(count: number, width: number): Rows {
  return Array.from({ length: count }, () => new Float64Array(width));
}

/** a.b, summed up in order. */
export function dot(a: Float64Array, b: Float64Array, round: Round): number {
  let sum = 0;
  if (round === Math.fround) for (let x = 0; x < a.length; x++) sum = Math.fround(sum + Math.fround(a[x] * b[x]));
  else for (let x = 0; x < a.length; x++) sum += a[x] * b[x];
  return sum;
}

/** Size of the terms of a.b. */
export function dotSize(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let x = 0; x < a.length; x++) sum += Math.abs(a[x] * b[x]);
  return sum;
}

/**
 * Rows of sums, and with each sum that of the sizes of its terms, to which its rounding errors are relative; sizes
 * are summed in float64 only.
 */
export class Sums {
  readonly values: Rows;
  readonly sizes: Rows;

  constructor(
    count: number,
    readonly width: number,
    readonly round: Round,
  ) {
    this.values = makeRows(count, width);
    this.sizes = makeRows(count, width);
  }

  add(row: number, column: number, term: number, size: number): void {
    this.values[row][column] = this.round(this.values[row][column] + term);
    this.sizes[row][column] += size;
  }

  /** values[row] += factor * terms; `size` is that of the terms that `factor` was made of. */
  addRow(row: number, factor: number, terms: Float64Array, size = Math.abs(factor)): void {
    const values = this.values[row];
    const sizes = this.sizes[row];
    if (this.round === Math.fround) {
      for (let x = 0; x < values.length; x++) values[x] = Math.fround(values[x] + Math.fround(factor * terms[x]));
    } else {
      for (let x = 0; x < values.length; x++) {
        values[x] += factor * terms[x];
        sizes[x] += size * Math.abs(terms[x]);
      }
    }
  }
}
