// The dual of support vector regression for one output, by sequential minimal optimisation.

import type { KernelMatrix } from './kernelMatrix.js';

/** The regression, and how accurately it is to be solved. */
export interface DualOptions {
  /** Bound of the dual variables, above 0. */
  C: number;
  /** Half width of the tube in which an error costs nothing, 0 or more. */
  epsilon: number;
  /** Largest KKT gap to accept, above 0. */
  tolerance: number;
  /** Steps after which to give up, 1 or more. */
  maxIterations: number;
}

export interface DualSolution {
  /** alpha_j - alpha~_j, [N], from -C to C; their sum is 0. */
  dual: Float64Array;
  bias: number;
  /** The KKT gap that was reached, 0 or more; above the tolerance where the search had to give up. */
  gap: number;
  /** Steps taken. */
  iterations: number;
}

/**
 * Curvatures below this fraction of the largest K_ii are rounding errors: equal keys, or K singular for another reason.
 */
const LEAST_CURVATURE = 1e-12;

/** Steps from one shrinking to the next. */
const SHRINK_EVERY = 1000;

/**
 * Shrinking may leave out too much, and rounding errors accumulate in the residuals, so the search continues until
 * the conditions hold for all keys with fresh residuals. If they still do not after this many rounds, the tolerance is
 * below what float64 can tell.
 */
const ROUNDS = 100;

/** The key with the largest raise, that raise, and the smallest lower. */
interface Extremes {
  highest: number;
  raise: number;
  lower: number;
}

/**
 * Maximises, over u = alpha - alpha~ in [-C, C]^N with sum_j u_j = 0,
 *
 *     -1/2 u K u - epsilon |u|_1 + y.u
 *
 * (at the optimum alpha_j alpha~_j = 0, so that alpha_j + alpha~_j = |u_j|). With the residuals r = y - K u, raising
 * u_j gains raise_j = r_j - epsilon where u_j >= 0, r_j + epsilon where u_j < 0; lowering it costs lower_j = r_j -
 * epsilon where u_j > 0, r_j + epsilon where u_j <= 0. The KKT conditions hold exactly when some bias b has
 *
 *     max { raise_i : u_i < C }  <=  b  <=  min { lower_j : u_j > -C }
 *
 * and the KKT gap is how far the left side exceeds the right side, in the unit of the targets. With b in the middle no
 * condition is violated by more than half the gap.
 *
 *     while gap > tolerance:
 *       i = the one with the largest raise
 *       j = the one whose step with i gains most, (raise_i - lower_j)^2 / (K_ii + K_jj - 2 K_ij)
 *       raise u_i and lower u_j by the t that is best along this line: a concave parabola with kinks where u is 0
 *       r -= t (K_i - K_j)
 *
 * A step costs O(N), and less once keys are left out that are at a bound or inside the tube, far from being chosen.
 *
 * @param targets y, [N], finite.
 * @see R.-E. Fan, P.-H. Chen, C.-J. Lin, "Working Set Selection Using Second Order Information for Training Support
 * Vector Machines", for the choice of i and j; C.-C. Chang, C.-J. Lin, "LIBSVM: A Library for Support Vector Machines",
 * for the shrinking; G. W. Flake, S. Lawrence, "Efficient SVM Regression Training with SMO", for the search along a
 * line with kinks.
 */
export function solveDual(matrix: KernelMatrix, targets: Float64Array, options: DualOptions): DualSolution {
  const { C, epsilon, tolerance, maxIterations } = options;
  const { size, diagonal } = matrix;
  const leastCurvature = LEAST_CURVATURE * diagonal.reduce((largest, value) => Math.max(largest, value), 0);
  const dual = new Float64Array(size);
  const residuals = Float64Array.from(targets);
  // raise - r and lower - r: infinite where u is at its bound.
  const raising = new Float64Array(size).fill(-epsilon);
  const lowering = new Float64Array(size).fill(epsilon);
  const all = Int32Array.from(dual.keys());
  let active = all;

  function setDual(j: number, value: number): void {
    dual[j] = value;
    raising[j] = value >= C ? -Infinity : value < 0 ? epsilon : -epsilon;
    lowering[j] = value <= -C ? Infinity : value > 0 ? -epsilon : epsilon;
  }

  /** r -= t (row - partnerRow), and the extremes of the result, in the same pass. */
  function move(t: number, row: Float64Array, partnerRow: Float64Array): Extremes {
    let highest = 0;
    let raise = -Infinity;
    let lower = Infinity;
    for (let at = 0; at < active.length; at++) {
      const j = active[at];
      const residual = residuals[j] - t * (row[j] - partnerRow[j]);
      residuals[j] = residual;
      if (residual + lowering[j] < lower) lower = residual + lowering[j];
      if (residual + raising[j] <= raise) continue;
      raise = residual + raising[j];
      highest = j;
    }
    return { highest, raise, lower };
  }

  /** The j whose step with i gains most. */
  function partnerOf(i: number, raise: number, row: Float64Array): number {
    let best = -1;
    let bestGain = 0;
    for (let at = 0; at < active.length; at++) {
      const j = active[at];
      const slope = raise - residuals[j] - lowering[j];
      if (slope <= 0) continue;
      const gain = (slope * slope) / curvatureOf(i, j, row);
      if (gain <= bestGain) continue;
      best = j;
      bestGain = gain;
    }
    return best;
  }

  function curvatureOf(i: number, j: number, row: Float64Array): number {
    return Math.max(diagonal[i] + diagonal[j] - 2 * row[j], leastCurvature);
  }

  function step({ highest: i, raise }: Extremes): Extremes {
    const row = matrix.row(i);
    const j = partnerOf(i, raise, row);
    const slope = raise - residuals[j] - lowering[j];
    const [room, partnerRoom] = [C - dual[i], C + dual[j]];
    const kinks = [-dual[i], dual[j]].filter((kink) => kink > 0);
    const t = bestStep(slope, curvatureOf(i, j, row), Math.min(room, partnerRoom), 2 * epsilon, kinks);
    // Exactly at the bound, which the sum alone might miss by a rounding error.
    setDual(i, t === room ? C : dual[i] + t);
    setDual(j, t === partnerRoom ? -C : dual[j] - t);
    return move(t, row, matrix.row(j));
  }

  /** Leaves out the keys that no step could choose, even if the extremes moved by as much as they are apart. */
  function shrink({ raise, lower }: Extremes): void {
    const gap = raise - lower;
    active = active.filter((j) => residuals[j] + raising[j] > lower - gap || residuals[j] + lowering[j] < raise + gap);
  }

  /** All keys again, with residuals from the dual itself. */
  function unshrink(): Extremes {
    active = all;
    residuals.set(targets);
    for (const j of all) {
      if (dual[j] === 0) continue;
      const row = matrix.row(j);
      for (let k = 0; k < size; k++) residuals[k] -= dual[j] * row[k];
    }
    return move(0, targets, targets);
  }

  let state = unshrink();
  let iterations = 0;
  const isOpen = () => state.raise - state.lower > tolerance && iterations < maxIterations;
  for (let round = 0; isOpen() && round < ROUNDS; round++) {
    while (isOpen()) {
      state = step(state);
      iterations++;
      if (iterations % SHRINK_EVERY === 0) shrink(state);
    }
    state = unshrink();
  }
  const { raise, lower } = state;
  return { dual, bias: (raise + lower) / 2, gap: Math.max(0, raise - lower), iterations };
}

/**
 * The t in [0, limit] at which a concave piecewise parabola is highest: it starts with this slope, above 0, its slope
 * falls by `curvature` for each unit, and by `drop` at each of the kinks.
 */
function bestStep(slope: number, curvature: number, limit: number, drop: number, kinks: number[]): number {
  let t = 0;
  for (const stop of [...kinks, limit].sort((a, b) => a - b)) {
    const top = t + slope / curvature;
    if (top <= stop || stop === limit) return Math.min(top, limit);
    slope -= curvature * (stop - t) + drop;
    t = stop;
    if (slope <= 0) return t;
  }
  return t;
}
