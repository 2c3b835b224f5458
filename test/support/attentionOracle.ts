// Attention as the contract states it, in plain loops: the oracle of every test. In float64, or, with `round` =
// Math.fround, in float32, to know how large an honest error is.

export interface OracleProblem {
  B: number;
  H: number;
  G: number;
  N: number;
  M: number;
  D: number;
  E: number;
  q: ArrayLike<number>;
  k: ArrayLike<number>;
  v: ArrayLike<number>;
  dOut: ArrayLike<number>;
  scale?: number;
  keyLengths?: number[];
  causal?: boolean;
  window?: readonly [number, number];
  queryOffset?: number | number[];
  softcap?: number;
  dropout?: number;
  seed?: number;
  /** -Infinity to hide, otherwise added to the score. */
  mask?: (b: number, h: number, i: number, j: number) => number;
}

export interface OracleResult {
  out: Float64Array;
  dq: Float64Array;
  dk: Float64Array;
  dv: Float64Array;
}

/**
 * For each result, the largest sum of the sizes of the terms that an element is made of: what its rounding errors are
 * relative to, where the terms cancel.
 */
export type OracleSizes = Record<keyof OracleResult, number>;

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

export function attentionOracle(
  p: OracleProblem,
  round: (x: number) => number = (x) => x,
): OracleResult & { sizes: OracleSizes } {
  const { B, H, G, N, M, D, E, q, k, v, dOut } = p;
  const { scale = 1 / Math.sqrt(D), causal = false, window = [-1, -1], softcap = 0, dropout = 0, seed = 0 } = p;
  const result = {
    out: new Float64Array(B * H * N * E),
    dq: new Float64Array(B * H * N * D),
    dk: new Float64Array(B * G * M * D),
    dv: new Float64Array(B * G * M * E),
  };
  const { out, dq, dk, dv } = result;
  const terms = { out: out.slice(), dq: dq.slice(), dk: dk.slice(), dv: dv.slice() };
  const scaleR = round(scale);
  const kept = round(1 / (1 - Math.fround(dropout)));
  for (let b = 0; b < B; b++) {
    const length = p.keyLengths?.[b] ?? M;
    const offset = Array.isArray(p.queryOffset) ? p.queryOffset[b] : (p.queryOffset ?? 0);
    for (let h = 0; h < H; h++) {
      const g = Math.floor(h / (H / G));
      for (let i = 0; i < N; i++) {
        const qRow = ((b * H + h) * N + i) * D;
        const oRow = ((b * H + h) * N + i) * E;
        const position = i + offset;
        const keys: number[] = [];
        const scores: number[] = [];
        const slopes: number[] = [];
        for (let j = 0; j < length; j++) {
          if (causal && j > position) continue;
          if (window[0] >= 0 && j < position - window[0]) continue;
          if (window[1] >= 0 && j > position + window[1]) continue;
          const added = p.mask?.(b, h, i, j) ?? 0;
          if (added === -Infinity) continue;
          const kRow = ((b * G + g) * M + j) * D;
          let score = 0;
          for (let d = 0; d < D; d++) score = round(score + round(q[qRow + d] * k[kRow + d]));
          score = round(score * scaleR);
          let slope = 1;
          if (softcap > 0) {
            const t = round(Math.tanh(round(score / softcap)));
            score = round(softcap * t);
            slope = round(1 - round(t * t));
          }
          keys.push(j);
          scores.push(round(score + added));
          slopes.push(slope);
        }
        if (keys.length === 0) continue;
        const maximum = Math.max(...scores);
        const weights = scores.map((score) => round(Math.exp(round(score - maximum))));
        const total = weights.reduce((sum, weight) => round(sum + weight), 0);
        const factors = keys.map((j) => (dropout === 0 ? 1 : keeps(seed, b * H + h, i, j, dropout) ? kept : 0));
        const dWeights: number[] = [];
        let delta = 0;
        keys.forEach((j, x) => {
          const vRow = ((b * G + g) * M + j) * E;
          weights[x] = round(weights[x] / total);
          const weight = round(weights[x] * factors[x]);
          let dWeight = 0;
          for (let e = 0; e < E; e++) {
            terms.out[oRow + e] += Math.abs(weight * v[vRow + e]);
            terms.dv[vRow + e] += Math.abs(weight * dOut[oRow + e]);
            out[oRow + e] = round(out[oRow + e] + round(weight * v[vRow + e]));
            dv[vRow + e] = round(dv[vRow + e] + round(weight * dOut[oRow + e]));
            dWeight = round(dWeight + round(dOut[oRow + e] * v[vRow + e]));
          }
          dWeight = round(dWeight * factors[x]);
          dWeights.push(dWeight);
          delta = round(delta + round(weights[x] * dWeight));
        });
        keys.forEach((j, x) => {
          const kRow = ((b * G + g) * M + j) * D;
          let dScore = round(weights[x] * round(dWeights[x] - delta));
          dScore = round(round(dScore * slopes[x]) * scaleR);
          const size = Math.abs(weights[x] * slopes[x] * scaleR) * (Math.abs(dWeights[x]) + Math.abs(delta));
          for (let d = 0; d < D; d++) {
            terms.dq[qRow + d] += size * Math.abs(k[kRow + d]);
            terms.dk[kRow + d] += size * Math.abs(q[qRow + d]);
            dq[qRow + d] = round(dq[qRow + d] + round(dScore * k[kRow + d]));
            dk[kRow + d] = round(dk[kRow + d] + round(dScore * q[qRow + d]));
          }
        });
      }
    }
  }
  const largest = (values: Float64Array) => values.reduce((size, value) => Math.max(size, value), 0);
  const sizes = { out: largest(terms.out), dq: largest(terms.dq), dk: largest(terms.dk), dv: largest(terms.dv) };
  return { ...result, sizes };
}
