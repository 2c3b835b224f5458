// Plain float64 forms of what the layers compute, on nested arrays.

export type Matrix = number[][];

export const matMul = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0].map((_, j) => row.reduce((sum, value, k) => sum + value * b[k][j], 0)));

export const addRow = (a: Matrix, row: number[]): Matrix => a.map((values) => values.map((value, j) => value + row[j]));

const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]));

const columns = (a: Matrix, from: number, to: number): Matrix => a.map((row) => row.slice(from, to));

/** softmax(q k^T / sqrt(D)) v for each head, keys from `length` on hidden; q, k, v [N, H D] */
export function attend(q: Matrix, k: Matrix, v: Matrix, heads: number, length: number, causal = false): Matrix {
  const headWidth = q[0].length / heads;
  const width = v[0].length / heads;
  const outputs = Array.from({ length: heads }, (_, h) => {
    const [qh, kh] = [q, k].map((x) => columns(x, h * headWidth, (h + 1) * headWidth));
    const scores = matMul(qh, transpose(kh)).map((row, i) =>
      row.map((score, j) => (j < length && !(causal && j > i) ? Math.exp(score / Math.sqrt(headWidth)) : 0)),
    );
    const weights = scores.map((row) => {
      const total = row.reduce((a, b) => a + b, 0);
      return row.map((value) => (total > 0 ? value / total : 0));
    });
    return matMul(weights, columns(v, h * width, (h + 1) * width));
  });
  return q.map((_, i) => outputs.flatMap((output) => output[i]));
}

export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`lengths differ: ${a.length} and ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    if (!(Math.abs(a[i] - b[i]) <= largest)) largest = Math.abs(a[i] - b[i]);
  }
  return largest;
}

/**
 * Kernels and biases of queries, keys and values by their names on paper, from those of a MultiHeadAttention that one
 * sequence gives all of: [q | k | v] of all heads, or q and then [k | v] for each run of heads with one scale.
 */
export function paperWeights(
  named: Record<string, Matrix & number[]>,
  runs: readonly number[],
  headWidth: number,
  valueWidth: number,
): Record<string, Matrix & number[]> {
  const take = (x: Matrix | number[], from: number, to: number): Matrix | number[] =>
    Array.isArray(x[0]) ? columns(x as Matrix, from, to) : x.slice(from, to);
  const join = (a: Matrix | number[], b: Matrix | number[]): Matrix | number[] =>
    Array.isArray(a[0])
      ? (a as Matrix).map((row, i) => [...row, ...(b as Matrix)[i]])
      : [...(a as number[]), ...(b as number[])];
  const heads = runs.reduce((sum, count) => sum + count, 0);
  const result: Record<string, Matrix | number[]> = {};
  for (const part of ['kernel', 'bias']) {
    const whole = named[`query_key_value/${part}`];
    const parts = runs.map((count, run) => {
      const own = whole
        ? take(whole, heads * headWidth, Infinity)
        : named[`key_value${runs.length > 1 ? `_${run}` : ''}/${part}`];
      return own && [take(own, 0, count * headWidth), take(own, count * headWidth, count * (headWidth + valueWidth))];
    });
    if (!parts[0]) continue;
    result[`query/${part}`] = whole ? take(whole, 0, heads * headWidth) : named[`query/${part}`];
    result[`key/${part}`] = parts.map(([key]) => key).reduce(join);
    result[`value/${part}`] = parts.map(([, value]) => value).reduce(join);
  }
  return { ...named, ...result } as Record<string, Matrix & number[]>;
}
