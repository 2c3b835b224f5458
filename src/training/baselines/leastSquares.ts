/**
 * Solves A X = B for a symmetric, positive definite A, by Cholesky's decomposition, in float64.
 *
 * @param a [n][n]; it is overwritten
 * @param b [n][m]; it becomes X
 */
export function solveSymmetric(a: Float64Array[], b: Float64Array[]): void {
  const n = a.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i][j];
      for (let k = 0; k < j; k++) sum -= a[i][k] * a[j][k];
      a[i][j] = i === j ? Math.sqrt(sum) : sum / a[j][j];
    }
    for (let k = 0; k < i; k++) subtract(b[i], b[k], a[i][k]);
    divide(b[i], a[i][i]);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtract(b[i], b[k], a[k][i]);
    divide(b[i], a[i][i]);
  }
}

function subtract(row: Float64Array, other: Float64Array, factor: number): void {
  for (let j = 0; j < row.length; j++) row[j] -= factor * other[j];
}

function divide(row: Float64Array, divisor: number): void {
  for (let j = 0; j < row.length; j++) row[j] /= divisor;
}
