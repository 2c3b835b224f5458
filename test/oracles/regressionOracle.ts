// Support vector regression as its definition states it, in plain float64 loops: what tests measure a solution by.

export interface Regression {
  kernel: 'softmax' | 'linear';
  C: number;
  epsilon: number;
  kernelScale: number;
}

/** Rows of a matrix [N, width] that is stored row by row. */
export function rowsOf(values: ArrayLike<number>, width: number): number[][] {
  const all = Array.from(values);
  return Array.from({ length: all.length / width }, (_, i) => all.slice(i * width, (i + 1) * width));
}

export const columnOf = (rows: readonly (readonly number[])[], d: number) => rows.map((row) => row[d]);

export const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, d) => sum + value * y[d], 0);

/** elu(x) + 1. */
export const positive = (row: readonly number[]) => row.map((x) => (x > 0 ? x + 1 : Math.exp(x)));

/** Phi(x).Phi(y). */
export function product(kernel: Regression['kernel'], x: readonly number[], y: readonly number[]): number {
  return kernel === 'softmax' ? Math.exp(dot(x, y) / Math.sqrt(x.length)) : dot(positive(x), positive(y));
}

/** h(x). */
export function normaliser(kernel: Regression['kernel'], x: readonly number[], keys: readonly number[][]): number {
  return keys.reduce((sum, key) => sum + product(kernel, x, key), kernel === 'linear' ? 1e-6 : 0);
}

/** K. */
export function kernelMatrix(keys: readonly number[][], { kernel, kernelScale }: Regression): number[][] {
  const h = keys.map((key) => normaliser(kernel, key, keys));
  return keys.map((x, i) => keys.map((y, j) => (kernelScale * product(kernel, x, y)) / (h[i] * h[j])));
}

/** N / trace of K without a factor. */
export function unitScale(keys: readonly number[][], kernel: Regression['kernel']): number {
  const K = kernelMatrix(keys, { kernel, kernelScale: 1, C: 1, epsilon: 0 });
  return keys.length / K.reduce((sum, row, i) => sum + row[i], 0);
}

/** The dual's objective, larger is better. */
export function dualObjective(K: number[][], u: readonly number[], y: readonly number[], epsilon: number): number {
  return u.reduce((sum, value, i) => sum + value * (y[i] - dot(K[i], u) / 2) - epsilon * Math.abs(value), 0);
}

/** The primal's objective for w = sum_j u_j Phi(k_j) / h(k_j), smaller is better; never below the dual's. */
export function primalObjective(
  K: number[][],
  u: readonly number[],
  bias: number,
  y: readonly number[],
  { C, epsilon }: Regression,
): number {
  return u.reduce((sum, value, i) => {
    const f = dot(K[i], u);
    return sum + (value * f) / 2 + C * Math.max(0, Math.abs(y[i] - f - bias) - epsilon);
  }, 0);
}

/**
 * By how much the worst condition of complementary slackness is violated, where e = y - f(k) is the error at a key:
 * u = 0 inside the tube; 0 < u < C on its upper edge; u = C on it or above; and the same below.
 */
export function worstViolation(
  K: number[][],
  u: readonly number[],
  bias: number,
  y: readonly number[],
  { C, epsilon }: Regression,
): number {
  return u.reduce((worst, value, i) => {
    const error = y[i] - dot(K[i], u) - bias;
    const outside = Math.sign(value) * error - epsilon;
    const atBound = Math.abs(value) >= C * (1 - 1e-9);
    const violation = value === 0 ? Math.abs(error) - epsilon : atBound ? -outside : Math.abs(outside);
    return Math.max(worst, violation);
  }, 0);
}

/**
 * The dual solved in another way, slow and sure for a few keys: gradient steps on alpha and alpha~ with momentum that
 * starts anew when it stops helping, each followed by the projection onto the box and the hyperplane.
 */
export function solveByProjectedGradient(K: number[][], y: readonly number[], { C, epsilon }: Regression): number[] {
  const N = y.length;
  const signs = [...y.map(() => 1), ...y.map(() => -1)];
  const clip = (x: number) => Math.min(C, Math.max(0, x));
  const differences = (a: readonly number[]) => y.map((_, i) => a[i] - a[N + i]);

  /** The nearest point with 0 <= a <= C and sum_i signs_i a_i = 0, by bisection for the multiplier. */
  function project(a: readonly number[]): number[] {
    const shifted = (by: number) => a.map((x, i) => clip(x - signs[i] * by));
    let [low, high] = [-1, 1].map((side) => side * (2 * C + Math.max(...a.map(Math.abs))));
    for (let n = 0; n < 60; n++) {
      const middle = (low + high) / 2;
      if (dot(shifted(middle), signs) > 0) low = middle;
      else high = middle;
    }
    return shifted((low + high) / 2);
  }

  const step = 1 / (2 * K.reduce((trace, row, i) => trace + row[i], 0));
  let a = signs.map(() => 0);
  let previous = a;
  let momentum = 1;
  let best = -Infinity;
  for (let n = 0; n < 2000; n++) {
    const next = (1 + Math.sqrt(1 + 4 * momentum * momentum)) / 2;
    const ahead = a.map((x, i) => x + ((momentum - 1) / next) * (x - previous[i]));
    const u = differences(ahead);
    const residuals = y.map((target, i) => target - dot(K[i], u));
    previous = a;
    a = project(ahead.map((x, i) => x + step * (signs[i] * residuals[i % N] - epsilon)));
    const objective = dualObjective(K, differences(a), y, epsilon);
    momentum = objective > best ? next : 1;
    best = Math.max(best, objective);
  }
  return differences(a);
}
