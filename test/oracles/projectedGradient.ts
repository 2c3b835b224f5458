import { dot, type Matrix } from './matrix.js';
import { dualObjective, type Regression } from './regressionOracle.js';

/**
 * The dual solved in another way, slow but sure for a few keys: gradient steps on alpha and alpha~, with momentum that
 * restarts when it stops helping, each followed by the projection onto the box and the hyperplane.
 */
export function solveByProjectedGradient(K: Matrix, y: readonly number[], { C, epsilon }: Regression): number[] {
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
    const objective = dualObjective(K, { u: differences(a), y }, epsilon);
    momentum = objective > best ? next : 1;
    best = Math.max(best, objective);
  }
  return differences(a);
}
