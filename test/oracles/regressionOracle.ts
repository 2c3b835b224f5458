// Support vector regression as its definition states it, in float64: what tests measure a solution by.

import { dot, type Matrix } from './matrix.js';

export interface Regression {
  kernel: 'softmax' | 'linear';
  C: number;
  epsilon: number;
  kernelScale: number;
}

/** elu(x) + 1. */
export const positive = (row: readonly number[]) => row.map((x) => (x > 0 ? x + 1 : Math.exp(x)));

/** Phi(x).Phi(y). */
export function product(kernel: Regression['kernel'], x: readonly number[], y: readonly number[]): number {
  return kernel === 'softmax' ? Math.exp(dot(x, y) / Math.sqrt(x.length)) : dot(positive(x), positive(y));
}

/** h(x). */
export function normaliser(kernel: Regression['kernel'], x: readonly number[], keys: Matrix): number {
  return keys.reduce((sum, key) => sum + product(kernel, x, key), kernel === 'linear' ? 1e-6 : 0);
}

/** K. */
export function kernelMatrix(keys: Matrix, { kernel, kernelScale }: Regression): Matrix {
  const h = keys.map((key) => normaliser(kernel, key, keys));
  return keys.map((x, i) => keys.map((y, j) => (kernelScale * product(kernel, x, y)) / (h[i] * h[j])));
}

/** N / trace of K without a factor. */
export function unitScale(keys: Matrix, kernel: Regression['kernel']): number {
  const K = kernelMatrix(keys, { kernel, kernelScale: 1, C: 1, epsilon: 0 });
  return keys.length / K.reduce((sum, row, i) => sum + row[i], 0);
}

/** The targets y of one output, and u = alpha - alpha~ and the bias that were found for them. */
export interface Candidate {
  u: readonly number[];
  bias: number;
  y: readonly number[];
}

/** The dual's objective, larger is better. */
export function dualObjective(K: Matrix, { u, y }: Omit<Candidate, 'bias'>, epsilon: number): number {
  return u.reduce((sum, value, i) => sum + value * (y[i] - dot(K[i], u) / 2) - epsilon * Math.abs(value), 0);
}

/** The primal's objective for w = sum_j u_j Phi(k_j) / h(k_j), smaller is better; never below the dual's. */
export function primalObjective(K: Matrix, { u, bias, y }: Candidate, { C, epsilon }: Regression): number {
  return u.reduce((sum, value, i) => {
    const f = dot(K[i], u);
    return sum + (value * f) / 2 + C * Math.max(0, Math.abs(y[i] - f - bias) - epsilon);
  }, 0);
}

/**
 * By how much the worst condition of complementary slackness is violated, where e = y - f(k) is the error at a key:
 * u = 0 inside the tube; 0 < u < C on its upper edge; u = C on it or above; and the same below.
 */
export function worstViolation(K: Matrix, { u, bias, y }: Candidate, { C, epsilon }: Regression): number {
  return u.reduce((worst, value, i) => {
    const error = y[i] - dot(K[i], u) - bias;
    const outside = Math.sign(value) * error - epsilon;
    const atBound = Math.abs(value) >= C * (1 - 1e-9);
    const violation = value === 0 ? Math.abs(error) - epsilon : atBound ? -outside : Math.abs(outside);
    return Math.max(worst, violation);
  }, 0);
}
