// Matrices as rows of float64 numbers: what oracles are written in where a formula should look as it does on paper.

export type Matrix = number[][];

/** Rows of a matrix [N, width] that is stored row by row. */
export function rowsOf(values: ArrayLike<number>, width: number): Matrix {
  const all = Array.from(values);
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}

export const columnOf = (a: readonly (readonly number[])[], d: number) => a.map((row) => row[d]);

/** The columns in `count` equal parts, from left to right. */
export function sections(a: Matrix, count: number): Matrix[] {
  const width = a[0].length / count;
  return Array.from({ length: count }, (_, n) => a.map((row) => row.slice(n * width, (n + 1) * width)));
}

export const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, d) => sum + value * y[d], 0);

export function matMul(a: Matrix, b: Matrix): Matrix {
  const columns = b[0].map((_, j) => columnOf(b, j));
  return a.map((row) => columns.map((column) => dot(row, column)));
}

export const add = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((value, j) => value + b[i][j]));

export const addRow = (a: Matrix, row: number[]): Matrix => a.map((values) => values.map((value, j) => value + row[j]));
