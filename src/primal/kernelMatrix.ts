// The kernel matrix of the support vector regression, row by row.

import type { FeatureMap } from './featureMaps.js';

/** All rows up to 8192 keys. */
const CACHE_BYTES = 2 ** 29;

/**
 * K_ij = kernelScale Phi(k_i).Phi(k_j) / (h(k_i) h(k_j)), with h(x) = sum_j Phi(x).Phi(k_j), in float64: symmetric and
 * positive semidefinite. Everything stays a logarithm until the last exponential. For softmax K_ij <= kernelScale,
 * since h(k_i) >= Phi(k_i).Phi(k_j) and h(k_j) >= 1: large keys make small entries, not infinite ones.
 *
 * Rows are computed on demand. When the memory for them is full, the least recently used one is dropped.
 */
export class KernelMatrix {
  /** N, the number of keys. */
  readonly size: number;
  /** log h(k_i), [N]. */
  readonly logNormalisers: Float64Array;
  /** K_ii, [N]. */
  readonly diagonal: Float64Array;
  readonly kernelScale: number;
  private readonly coordinates: Float64Array;
  private readonly rows = new Map<number, Float64Array>();

  /**
   * @param keys [N, width], row by row, N and width 1 or more, finite.
   * @param kernelScale a factor, or 'auto': N / trace of K without it, so that the mean of the diagonal is 1.
   * @param cacheBytes memory for rows, in bytes.
   */
  constructor(
    keys: ArrayLike<number>,
    private readonly width: number,
    private readonly map: FeatureMap,
    kernelScale: number | 'auto',
    private readonly cacheBytes = CACHE_BYTES,
  ) {
    this.size = keys.length / width;
    this.coordinates = Float64Array.from(keys, (x) => map.coordinate(x, width));
    this.logNormalisers = new Float64Array(this.size);
    const logDiagonal = new Float64Array(this.size);
    const row = new Float64Array(this.size);
    for (let i = 0; i < this.size; i++) {
      this.fillLogProducts(i, row);
      this.logNormalisers[i] = logSumExp(row, Math.log(map.normaliserFloor));
      logDiagonal[i] = row[i] - 2 * this.logNormalisers[i];
    }
    this.kernelScale = kernelScale === 'auto' ? this.size / Math.exp(logSumExp(logDiagonal)) : kernelScale;
    const logScale = Math.log(this.kernelScale);
    this.diagonal = logDiagonal.map((x) => Math.exp(x + logScale));
  }

  /** K_i, [N]. It belongs to the matrix, and is valid until two other rows have been requested. */
  row(i: number): Float64Array {
    let row = this.rows.get(i);
    if (row) {
      // A Map keeps the order of insertion: the first row is the least recently used one.
      this.rows.delete(i);
    } else {
      row = this.unusedRow();
      this.fillLogProducts(i, row);
      const shift = Math.log(this.kernelScale) - this.logNormalisers[i];
      for (let j = 0; j < this.size; j++) row[j] = Math.exp(row[j] + shift - this.logNormalisers[j]);
    }
    this.rows.set(i, row);
    return row;
  }

  /** kernelScale / h(k_j): dual_j times this is the value of key j. */
  valueFactor(j: number): number {
    return Math.exp(Math.log(this.kernelScale) - this.logNormalisers[j]);
  }

  private unusedRow(): Float64Array {
    const capacity = Math.max(2, Math.floor(this.cacheBytes / (8 * this.size)));
    const [oldest] = this.rows;
    if (this.rows.size < capacity || !oldest) return new Float64Array(this.size);
    this.rows.delete(oldest[0]);
    return oldest[1];
  }

  /** row_j = log Phi(k_i).Phi(k_j). */
  private fillLogProducts(i: number, row: Float64Array): void {
    const { coordinates, width, map } = this;
    for (let j = 0; j < row.length; j++) {
      let product = 0;
      for (let d = 0; d < width; d++) product += coordinates[i * width + d] * coordinates[j * width + d];
      row[j] = map.logProduct(product);
    }
  }
}

/** log(exp(floor) + sum_j exp(values_j)). */
function logSumExp(values: Float64Array, floor = -Infinity): number {
  const maximum = values.reduce((largest, value) => Math.max(largest, value), floor);
  if (maximum === -Infinity) return maximum;
  return maximum + Math.log(values.reduce((sum, value) => sum + Math.exp(value - maximum), Math.exp(floor - maximum)));
}
