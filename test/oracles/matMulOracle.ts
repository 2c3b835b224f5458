// Products of matrices in plain loops: the oracle of every product.

/** Row-major, [rows, columns]. */
export interface Matrix {
  values: ArrayLike<number>;
  rows: number;
  columns: number;
}

export function transposed({ values, rows, columns }: Matrix): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j];
  return out;
}

/** a b in float64, or, with `round` = Math.fround, in float32. */
export function matMulOracle(a: Matrix, b: Matrix, round: (x: number) => number = (x) => x): Float64Array {
  const out = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let t = 0; t < a.columns; t++) {
      const x = a.values[i * a.columns + t];
      for (let j = 0; j < b.columns; j++) {
        const at = i * b.columns + j;
        out[at] = round(out[at] + round(x * b.values[t * b.columns + j]));
      }
    }
  }
  return out;
}

/**
 * What the largest error of a product may be: 3 times that of a plain float32 evaluation; where that is exact by luck
 * (one term), 2^-23 of the terms that were summed.
 */
export function matMulBound(a: Matrix, b: Matrix): number {
  const exact = matMulOracle(a, b);
  const error = matMulOracle(a, b, Math.fround).reduce(
    (most, value, at) => Math.max(most, Math.abs(value - exact[at])),
    0,
  );
  const abs = (matrix: Matrix) => ({ ...matrix, values: Array.from(matrix.values, Math.abs) });
  const terms = matMulOracle(abs(a), abs(b)).reduce((most, value) => Math.max(most, value), 0);
  return 3 * error + 2 ** -23 * terms;
}
