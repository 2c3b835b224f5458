// What happens to queries, keys and values before they meet, one stage per function, each with its gradient.

import { makeRows, type Round, type Rows, Sums } from './attentionOracleSums.js';

/** What a stage makes of rows, and what it makes of the gradient of these. */
export interface Stage {
  rows: Rows;
  gradient: (dRows: Sums) => Sums;
}

export const unchanged = (rows: Rows): Stage => ({ rows, gradient: (dRows) => dRows });

/** The gradient dy of a row times a factor. What sees nothing has no gradient, whatever it is. */
const scaled = (dy: number, factor: number) => (dy === 0 ? 0 : dy * factor);

/** One stage after another; the gradient goes the opposite way. */
export function extend(before: Stage, stage: (rows: Rows) => Stage): Stage {
  const { rows, gradient } = stage(before.rows);
  return { rows, gradient: (dRows) => before.gradient(gradient(dRows)) };
}

/** Taps [D][rows][columns] over a grid of positions. */
export interface Taps {
  values: ArrayLike<number>;
  rows: number;
  columns: number;
  /** Positions in a row of the grid; without it, all of them. */
  width?: number;
}

/** Calls `use` for each position and tap that meets a position on the grid, before position `count`. */
function meet(count: number, taps: Taps, use: (to: number, from: number, tap: number) => void): void {
  const { width = count } = taps;
  for (let to = 0; to < count; to++) {
    for (let a = 0; a < taps.rows; a++) {
      for (let b = 0; b < taps.columns; b++) {
        const row = Math.floor(to / width) + a - Math.floor((taps.rows - 1) / 2);
        const column = (to % width) + b - Math.floor((taps.columns - 1) / 2);
        const from = row * width + column;
        if (row >= 0 && column >= 0 && column < width && from < count) use(to, from, a * taps.columns + b);
      }
    }
  }
}

/**
 * Attention-Conv: each feature's cross-correlation with its taps, zeros outside. Its gradient adds to dTaps [D][taps].
 */
export function convolve(x: Rows, taps: Taps, dTaps: Sums, round: Round): Stage {
  const headWidth = dTaps.values.length;
  const weight = (d: number, tap: number) => taps.values[d * dTaps.width + tap];
  const rows = makeRows(x.length, headWidth);
  meet(x.length, taps, (to, from, tap) => {
    for (let d = 0; d < headWidth; d++) rows[to][d] = round(rows[to][d] + round(weight(d, tap) * x[from][d]));
  });
  const gradient = (dRows: Sums) => {
    const dX = new Sums(x.length, headWidth, round);
    // Terms that cancel are 0 together, but have their rounding errors.
    const seen = dRows.values.map((row, n) => row.some((dy, d) => dy !== 0 || dRows.sizes[n][d] !== 0));
    meet(x.length, taps, (to, from, tap) => {
      if (!seen[to]) return;
      for (let d = 0; d < headWidth; d++) {
        const [dy, size] = [dRows.values[to][d], dRows.sizes[to][d]];
        dX.add(from, d, round(weight(d, tap) * dy), Math.abs(weight(d, tap)) * size);
        dTaps.add(d, tap, round(x[from][d] * dy), Math.abs(x[from][d]) * size);
      }
    });
    return dX;
  };
  return { rows, gradient };
}

/** Attention-SH: means over windows of positions. */
export function pool(x: Rows, windows: number[][], round: Round): Stage {
  const rows = windows.map(([first, ...others]) => {
    const sums = x[first].slice();
    for (const n of others) x[n].forEach((value, d) => (sums[d] = round(sums[d] + value)));
    return sums.map((sum) => round(sum / (others.length + 1)));
  });
  const gradient = (dRows: Sums) => {
    const dX = new Sums(x.length, dRows.width, round);
    windows.forEach((positions, j) => {
      const share = 1 / positions.length;
      for (const n of positions) {
        dRows.values[j].forEach((dy, d) => dX.add(n, d, round(dy / positions.length), share * dRows.sizes[j][d]));
      }
    });
    return dX;
  };
  return { rows, gradient };
}

/** The feature map of linear attention: elu(x) + 1. */
export function mapFeatures(x: Rows, round: Round): Stage {
  const rows = x.map((row) => row.map((value) => round(value > 0 ? value + 1 : Math.exp(value))));
  const gradient = (dRows: Sums) => {
    const dX = new Sums(x.length, dRows.width, round);
    rows.forEach((row, n) =>
      row.forEach((value, d) => {
        const slope = Math.min(value, 1);
        dX.add(n, d, round(scaled(dRows.values[n][d], slope)), dRows.sizes[n][d] * slope);
      }),
    );
    return dX;
  };
  return { rows, gradient };
}

export interface Normalization {
  beta: number;
  variance: boolean;
  epsilon: number;
}

/**
 * Attention-BN: (x - beta mu) s of the keys and of all queries that meet them, with mean and deviation 1 / s of the
 * keys. The gradient of the keys has to come last, when those of the queries are in the statistics; it adds to dBeta.
 */
export function normalize([keys, ...queries]: Stage[], option: Normalization, dBeta: Sums, round: Round): Stage[] {
  const { variance } = option;
  const [beta, epsilon] = [round(option.beta), round(option.epsilon)];
  const count = keys.rows.length;
  // A head without keys has no statistics, and no gradient.
  if (count === 0) return [keys, ...queries];
  const width = keys.rows[0].length;
  const sumOver = (term: (key: Float64Array) => number) => keys.rows.reduce((sum, key) => round(sum + term(key)), 0);
  const [mean, shift, factor] = makeRows(3, width);
  for (let d = 0; d < width; d++) {
    mean[d] = round(sumOver((key) => key[d]) / count);
    shift[d] = round(beta * mean[d]);
    const squared = round(sumOver((key) => round(round(key[d] - mean[d]) ** 2)) / count);
    factor[d] = variance ? round(1 / round(Math.sqrt(round(squared + epsilon)))) : 1;
  }

  const dShift = new Sums(1, width, round);
  const dFactor = new Sums(1, width, round);
  const apply = (x: Rows): Stage => ({
    rows: x.map((row) => row.map((value, d) => round(round(value - shift[d]) * factor[d]))),
    gradient: (dRows) => {
      const dX = new Sums(x.length, width, round);
      x.forEach((row, n) =>
        row.forEach((value, d) => {
          const [dy, size] = [dRows.values[n][d], dRows.sizes[n][d]];
          const centred = round(value - shift[d]);
          dX.add(n, d, round(dy * factor[d]), size * factor[d]);
          dShift.add(0, d, -round(dy * factor[d]), size * factor[d]);
          dFactor.add(0, d, round(scaled(dy, centred)), size * Math.abs(centred));
        }),
      );
      return dX;
    },
  });
  const addStatistics = (dX: Sums): Sums => {
    for (let d = 0; d < width; d++) {
      const [dy, size] = [dShift.values[0][d], dShift.sizes[0][d]];
      dBeta.add(0, 0, round(mean[d] * dy), Math.abs(mean[d]) * size);
      // ds / d(variance) = -s^3 / 2,  d(variance) / dk_j = 2 (k_j - mu) / count
      const slope = variance ? round(factor[d] * round(factor[d] * factor[d])) : 0;
      keys.rows.forEach((key, j) => {
        const deviation = round(key[d] - mean[d]);
        const term = round(round(slope * dFactor.values[0][d]) * deviation);
        const termSize = slope * dFactor.sizes[0][d] * Math.abs(deviation);
        dX.add(j, d, round(round(round(beta * dy) - term) / count), (Math.abs(beta) * size + termSize) / count);
      });
    }
    return dX;
  };
  const applyToKeys = (x: Rows): Stage => {
    const { rows, gradient } = apply(x);
    return { rows, gradient: (dRows) => addStatistics(gradient(dRows)) };
  };
  return [extend(keys, applyToKeys), ...queries.map((stage) => extend(stage, apply))];
}
