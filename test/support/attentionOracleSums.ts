// What the stages of the oracle compute with: rows of one head, and sums that know how large their terms were.

/** [n][width]. */
export type Rows = Float64Array[];

/** Identity for float64, Math.fround for float32: applied to the result of every operation. */
export type Round = (x: number) => number;

export function makeRows(count: number, width: number): Rows {
  return Array.from({ length: count }, () => new Float64Array(width));
}

/** a.b, summed up in order. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>, round: Round): number {
  let sum = 0;
  for (let x = 0; x < a.length; x++) sum = round(sum + round(a[x] * b[x]));
  return sum;
}

/** Size of the terms of a.b. */
export function dotSize(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let x = 0; x < a.length; x++) sum += Math.abs(a[x] * b[x]);
  return sum;
}

/** Rows of sums, and beside each sum those of the sizes of its terms: its rounding errors are relative to these. */
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

  /** values[row] += factor * terms, where `size` is that of the terms that `factor` was made of. */
  addRow(row: number, factor: number, terms: ArrayLike<number>, size = Math.abs(factor)): void {
    const { round, width } = this;
    const [values, sizes] = [this.values[row], this.sizes[row]];
    for (let x = 0; x < width; x++) {
      values[x] = round(values[x] + round(factor * terms[x]));
      sizes[x] += size * Math.abs(terms[x]);
    }
  }
}
