// Linear attention by its primal side: what queries meet is a sum over keys, not the keys.

import type { OracleHead } from './attentionOracleRows.js';
import { dot, Sums } from './attentionOracleSums.js';

/**
 * Linear attention where query i sees the first counts[i] keys, never fewer than the query before it. With the state
 * S_i = sum_j phi(k_j)^T [v_j, 1] over these keys, [numerators, divisor] = phi(q_i) S_i.
 */
export function linearPrimal({ q, k, v, dOut, out, dQ, dK, dV, scale, round }: OracleHead, counts: number[]): void {
  if (k.length === 0) return;
  const [headWidth, width] = [k[0].length, v[0].length];
  const values = v.map((row) => Float64Array.of(...row, 1));
  const scaled = q.map((row) => row.map((value) => round(value * round(scale))));
  const state = new Sums(headWidth, width + 1, round);
  const sums = new Sums(q.length, width + 1, round);
  const dSums = counts.map((count, i) => {
    for (let j = i === 0 ? 0 : counts[i - 1]; j < count; j++) {
      for (let d = 0; d < headWidth; d++) state.addRow(d, k[j][d], values[j]);
    }
    for (let d = 0; d < headWidth; d++) sums.addRow(i, scaled[i][d], state.values[d]);
    const divisor = round(sums.values[i][width] + round(1e-6));
    for (let e = 0; e < width; e++) out.add(i, e, round(sums.values[i][e] / divisor), sums.sizes[i][e] / divisor);
    const delta = dot(dOut[i], out.values[i], round);
    const gradient = Float64Array.of(...dOut[i], -delta).map((value) => round(value / divisor));
    for (let d = 0; d < headWidth; d++) {
      const term = round(dot(state.values[d], gradient, round) * round(scale));
      dQ.add(i, d, term, Math.abs(term));
    }
    return gradient;
  });

  const dState = new Sums(headWidth, width + 1, round);
  for (let i = q.length - 1; i >= 0; i--) {
    for (let d = 0; d < headWidth; d++) dState.addRow(d, scaled[i][d], dSums[i]);
    // The keys that no query before this one sees.
    for (let j = i === 0 ? 0 : counts[i - 1]; j < counts[i]; j++) {
      for (let d = 0; d < headWidth; d++) {
        const term = dot(dState.values[d], values[j], round);
        dK.add(j, d, term, Math.abs(term));
        dV.addRow(j, k[j][d], dState.values[d].subarray(0, width));
      }
    }
  }
}
