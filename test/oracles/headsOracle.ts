// Softmax attention of heads, as its formula says.

import { dot, type Matrix, matMul, sections } from './matrix.js';

/**
 * softmax(q k^T / sqrt(D)) of one head; a row that sees no key is 0.
 *
 * @param q [N, D]
 * @param k [M, D]
 * @param sees whether query i sees key j
 */
export function headWeights(q: Matrix, k: Matrix, sees: (i: number, j: number) => boolean = () => true): Matrix {
  return q.map((query, i) => {
    const powers = k.map((key, j) => (sees(i, j) ? Math.exp(dot(query, key) / Math.sqrt(query.length)) : 0));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return powers.map((power) => (total > 0 ? power / total : 0));
  });
}

/**
 * Outputs of all heads, side by side.
 *
 * @param q [N, H D]
 * @param k [M, H D]
 * @param v [M, H E]
 * @param heads H
 * @param length keys from there on are hidden
 */
export function attendHeads(q: Matrix, k: Matrix, v: Matrix, heads: number, length: number, causal = false): Matrix {
  const [queries, keys, values] = [q, k, v].map((x) => sections(x, heads));
  const outputs = queries.map((query, h) => {
    const weights = headWeights(query, keys[h], (i, j) => j < length && !(causal && j > i));
    return matMul(weights, values[h]);
  });
  return q.map((_, i) => outputs.flatMap((output) => output[i]));
}
