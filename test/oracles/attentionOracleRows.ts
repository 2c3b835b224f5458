// Attention of one query: its output, and all that its gradient adds to.

import { dot, dotSize, type Round, type Rows, type Sums } from './attentionOracleSums.js';

/** One head, with operands as they meet. */
export interface OracleHead {
  q: Rows;
  k: Rows;
  v: Rows;
  dOut: Rows;
  out: Sums;
  dQ: Sums;
  dK: Sums;
  dV: Sums;
  scale: number;
  /** 0 for none. */
  softcap: number;
  /** Added to the score of query i and key j. */
  added: (i: number, j: number) => number;
  /** What dropout multiplies the weight of query i and key j by. */
  kept: (i: number, j: number) => number;
  round: Round;
}

/** Softmax attention of query i over `keys`, those that it sees. */
export function softmaxRow(head: OracleHead, i: number, keys: number[]): void {
  const { q, k, v, dOut, out, dQ, dK, dV, softcap, added, kept, round } = head;
  const scale = round(head.scale);
  const slopes = keys.map(() => 1);
  const scores = keys.map((j, x) => {
    let score = round(dot(q[i], k[j], round) * scale);
    if (softcap > 0) {
      const t = round(Math.tanh(round(score / softcap)));
      score = round(softcap * t);
      slopes[x] = round(1 - round(t * t));
    }
    return round(score + added(i, j));
  });
  const maximum = Math.max(...scores);
  const exponentials = scores.map((score) => round(Math.exp(round(score - maximum))));
  const total = exponentials.reduce((sum, value) => round(sum + value), 0);
  const weights = exponentials.map((value) => round(value / total));
  // An error of a score is one of its weight, relative to it, as far as the other keys' weights do not share it.
  const scoreSize = Math.max(...keys.map((j, x) => Math.abs(scale * slopes[x]) * dotSize(q[i], k[j])));
  const weightSizes = weights.map((weight) => weight * (1 + (1 - weight) * scoreSize));

  let [delta, deltaSize] = [0, 0];
  const dWeights = keys.map((j, x) => {
    const factor = kept(i, j);
    const weight = round(weights[x] * factor);
    out.addRow(i, weight, v[j], weightSizes[x] * factor);
    dV.addRow(j, weight, dOut[i], weightSizes[x] * factor);
    const [value, size] = [round(factor * dot(dOut[i], v[j], round)), factor * dotSize(dOut[i], v[j])];
    delta = round(delta + round(weights[x] * value));
    deltaSize += weightSizes[x] * size;
    return { value, size };
  });
  keys.forEach((j, x) => {
    const { value, size } = dWeights[x];
    const dScore = round(round(round(weights[x] * round(value - delta)) * slopes[x]) * scale);
    const dScoreSize = Math.abs(weightSizes[x] * slopes[x] * scale) * (size + deltaSize);
    dQ.addRow(i, dScore, k[j], dScoreSize);
    dK.addRow(j, dScore, q[i], dScoreSize);
  });
}

/** Linear attention of query i over `keys`; q and k are features. */
export function linearRow(
  { q, k, v, dOut, out, dQ, dK, dV, scale, round }: OracleHead,
  i: number,
  keys: number[],
): void {
  const scaleR = round(scale);
  const similarities = keys.map((j) => round(dot(q[i], k[j], round) * scaleR));
  const total = round(similarities.reduce((sum, value) => round(sum + value), 0) + round(1e-6));
  keys.forEach((j, x) => {
    const weight = round(similarities[x] / total);
    out.addRow(i, weight, v[j]);
    dV.addRow(j, weight, dOut[i]);
  });
  const delta = dot(dOut[i], out.values[i], round);
  const deltaSize = dotSize(dOut[i], out.sizes[i]);
  for (const j of keys) {
    const dSimilarity = round(round(round(dot(dOut[i], v[j], round) - delta) / total) * scaleR);
    const size = ((dotSize(dOut[i], v[j]) + deltaSize) / total) * scale;
    dQ.addRow(i, dSimilarity, k[j], size);
    dK.addRow(j, dSimilarity, q[i], size);
  }
}
