// Attention as the contract states it, in plain loops: the oracle of every test. In float64, or, with `round` =
// Math.fround, in float32, to know how large an honest error is.

import {
  convolve,
  extend,
  mapFeatures,
  normalize,
  type Normalization,
  pool,
  type Taps,
  unchanged,
} from './attentionOracleOperands.js';
import { linearPrimal } from './attentionOraclePrimal.js';
import { linearRow, type OracleHead, softmaxRow } from './attentionOracleRows.js';
import { type Round, type Rows, Sums } from './attentionOracleSums.js';

/** Batch, heads of queries and of keys, queries, keys, width of keys and of values. */
export interface CaseShape {
  B: number;
  H: number;
  G: number;
  N: number;
  M: number;
  D: number;
  E: number;
}

export interface OracleProblem extends CaseShape {
  q: ArrayLike<number>;
  k: ArrayLike<number>;
  v: ArrayLike<number>;
  dOut: ArrayLike<number>;
  kernel?: 'softmax' | 'linear';
  /** Which of its two equal sides to compute, for linear attention; default the dual one. */
  side?: 'primal' | 'dual';
  scale?: number;
  batchNorm?: boolean | Partial<Normalization>;
  headScales?: readonly number[];
  /** Its values are those of all key/value heads. */
  conv?: Taps;
  keyLengths?: readonly number[];
  causal?: boolean;
  window?: readonly [number, number];
  queryOffset?: number | readonly number[];
  softcap?: number;
  alibiSlopes?: boolean | readonly number[];
  dropout?: number;
  seed?: number;
  /** -Infinity to hide, otherwise added to the score. */
  mask?: (b: number, h: number, i: number, j: number) => number;
  /** Whether query i of head h sees key j, by a pattern of blocks. */
  sees?: (h: number, i: number, j: number) => boolean;
}

export interface OracleResult {
  out: Float64Array;
  dq: Float64Array;
  dk: Float64Array;
  dv: Float64Array;
}

/** With the gradients of the convolution's kernel (none without it) and of beta. */
export interface FamilyResult extends OracleResult {
  dKernel: Float64Array;
  dBeta: Float64Array;
}

/**
 * For each result, the largest sum of the sizes of the terms that an element is made of: what its rounding errors are
 * relative to, where the terms cancel.
 */
export type OracleSizes = Record<keyof FamilyResult, number>;

function mix(x: number): number {
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Whether dropout keeps the weight of query i and key j in head `head` = b H + h: assembly/attention/dropout.ts. */
export function keeps(seed: number, head: number, i: number, j: number, rate: number): boolean {
  const key = mix((seed + mix((head + 0x9e3779b9) | 0)) | 0);
  const hash = mix((mix((key + i) | 0) + mix(j)) | 0) | 0;
  return hash >= -2147483648 + Math.floor(4294967296 * Math.fround(rate));
}

/** Windows of positions before `length`, one for each key. */
function windowsOf(length: number, size: number): number[][] {
  const positions = Array.from({ length }, (_, n) => n);
  return Array.from({ length: Math.ceil(length / size) }, (_, j) => positions.slice(j * size, (j + 1) * size));
}

/** The keys that the limits show to a query at `position`: the means of these windows of positions. */
function keysInside({ causal, window = [-1, -1] }: OracleProblem, position: number, windows: number[][]): number[] {
  const [left, right] = window;
  const isInside = (n: number) => (left < 0 || n >= position - left) && (right < 0 || n <= position + right);
  const isPast = (n: number) => !causal || n <= position;
  return [...windows.keys()].filter((j) => windows[j].some(isInside) && windows[j].every(isPast));
}

/** Rows first .. first + count - 1 of an array with rows of `width`. */
function rowsOf(values: ArrayLike<number>, first: number, count: number, width: number): Rows {
  return Array.from({ length: count }, (_, n) =>
    Float64Array.from({ length: width }, (_, x) => values[(first + n) * width + x]),
  );
}

/** What all heads add to. */
interface SharedGradients {
  /** [D][taps], of the convolution's kernel for one key/value head. */
  dTaps: Sums;
  dBeta: Sums;
}

/** The slope of head h of H: 2^(-8 (h + 1) / H) where none are given. */
function slopeOf({ alibiSlopes, H }: OracleProblem, h: number): number {
  if (!alibiSlopes) return 0;
  return Math.fround(alibiSlopes === true ? 2 ** ((-8 * (h + 1)) / H) : alibiSlopes[h]);
}

/** What alibiSlopes and mask add to the score of query i and key j. */
function addedTo(p: OracleProblem, b: number, h: number, i: number, j: number, round: Round): number {
  return round(round(slopeOf(p, h) * (j - i - offsetOf(p, b))) + (p.mask?.(b, h, i, j) ?? 0));
}

const lengthOf = ({ keyLengths, M }: OracleProblem, b: number) => keyLengths?.[b] ?? M;

const offsetOf = ({ queryOffset = 0 }: OracleProblem, b: number) =>
  typeof queryOffset === 'number' ? queryOffset : queryOffset[b];

/** The keys, pooled if they are to be, that each query of head h sees. */
export function visibleKeys(p: OracleProblem, b: number, h: number): number[][] {
  const windows = windowsOf(lengthOf(p, b), p.headScales?.[Math.floor(h / (p.H / p.G))] ?? 1);
  return Array.from({ length: p.N }, (_, i) =>
    keysInside(p, i + offsetOf(p, b), windows).filter(
      (j) => (p.sees?.(h, i, j) ?? true) && p.mask?.(b, h, i, j) !== -Infinity,
    ),
  );
}

/** One key/value head with the query heads that share it. */
function solveKeyHead(p: OracleProblem, b: number, g: number, { dTaps, dBeta }: SharedGradients, round: Round) {
  const { H, G, N, M, D, E, conv, batchNorm, softcap = 0, dropout = 0, seed = 0 } = p;
  const linear = p.kernel === 'linear';
  const { scale = linear ? 1 : 1 / Math.sqrt(D) } = p;
  const keptFactor = round(1 / (1 - Math.fround(dropout)));
  const length = lengthOf(p, b);
  const windows = windowsOf(length, p.headScales?.[g] ?? 1);
  const taps = conv && {
    ...conv,
    values: Float64Array.from(conv.values).subarray(g * D * conv.rows * conv.columns),
  };

  const convolved = (rows: Rows) => (taps ? convolve(rows, taps, dTaps, round) : unchanged(rows));
  const pooled = (rows: Rows) => pool(rows, windows, round);
  const mapped = (rows: Rows) => (linear ? mapFeatures(rows, round) : unchanged(rows));

  const heads = Array.from({ length: H / G }, (_, x) => g * (H / G) + x);
  const keys = extend(convolved(rowsOf(p.k, (b * G + g) * M, length, D)), pooled);
  const values = pooled(rowsOf(p.v, (b * G + g) * M, length, E));
  const queries = heads.map((h) => convolved(rowsOf(p.q, (b * H + h) * N, N, D)));
  const normalized = batchNorm
    ? normalize([keys, ...queries], { beta: 1, variance: true, epsilon: 1e-5, ...(batchNorm as object) }, dBeta, round)
    : [keys, ...queries];
  const [keyFeatures, ...queryFeatures] = normalized.map((stage) => extend(stage, mapped));

  const dK = new Sums(keys.rows.length, D, round);
  const dV = new Sums(values.rows.length, E, round);
  const results = heads.map((h, x) => {
    const dOut = rowsOf(p.dOut, (b * H + h) * N, N, E);
    const [out, dQ] = [new Sums(N, E, round), new Sums(N, D, round)];
    const added = (i: number, j: number) => addedTo(p, b, h, i, j, round);
    const kept = (i: number, j: number) => (dropout === 0 ? 1 : keeps(seed, b * H + h, i, j, dropout) ? keptFactor : 0);
    const operands = { q: queryFeatures[x].rows, k: keyFeatures.rows, v: values.rows, dOut };
    const head: OracleHead = { ...operands, out, dQ, dK, dV, scale, softcap, added, kept, round };
    const seen = visibleKeys(p, b, h);
    if (linear && p.side === 'primal') {
      const counts = seen.map((keys) => keys.length);
      linearPrimal(head, counts);
    } else {
      seen.forEach((keys, i) => keys.length > 0 && (linear ? linearRow : softmaxRow)(head, i, keys));
    }
    return { h, out, dQ: queryFeatures[x].gradient(dQ) };
  });
  return { heads: results, dK: keyFeatures.gradient(dK), dV: values.gradient(dV) };
}

export function attentionOracle(p: OracleProblem, round: Round = (x) => x): FamilyResult & { sizes: OracleSizes } {
  const { B, H, G, N, M, D, E, conv } = p;
  const taps = conv ? conv.rows * conv.columns : 0;
  const result = {
    out: new Float64Array(B * H * N * E),
    dq: new Float64Array(B * H * N * D),
    dk: new Float64Array(B * G * M * D),
    dv: new Float64Array(B * G * M * E),
    dKernel: new Float64Array(G * D * taps),
    dBeta: new Float64Array(1),
  };
  const sizes = { out: 0, dq: 0, dk: 0, dv: 0, dKernel: 0, dBeta: 0 };
  const put = (name: keyof FamilyResult, first: number, { values, sizes: rows, width }: Sums) => {
    values.forEach((row, n) => result[name].set(row, (first + n) * width));
    sizes[name] = rows.reduce((most, row) => Math.max(most, ...row), sizes[name]);
  };
  const dBeta = new Sums(1, 1, round);
  for (let g = 0; g < G; g++) {
    const dTaps = new Sums(D, taps, round);
    for (let b = 0; b < B; b++) {
      const { heads, dK, dV } = solveKeyHead(p, b, g, { dTaps, dBeta }, round);
      for (const { h, out, dQ } of heads) {
        put('out', (b * H + h) * N, out);
        put('dq', (b * H + h) * N, dQ);
      }
      put('dk', (b * G + g) * M, dK);
      put('dv', (b * G + g) * M, dV);
    }
    put('dKernel', g * D, dTaps);
  }
  put('dBeta', 0, dBeta);
  return { ...result, sizes };
}
