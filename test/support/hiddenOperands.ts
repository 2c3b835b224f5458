// Operands whose hidden parts hold what must have no influence.

import { type OracleProblem, visibleKeys } from '../oracles/attentionOracle.js';
import type { Operands } from './attentionCase.js';
import type { Random } from './random.js';

const harmful = [NaN, Infinity, -Infinity, 3e38, -3e38];

/** Calls `use` for each key/value head with the positions of keys that no query sees, and for each query that sees none. */
function findHidden(
  p: OracleProblem,
  use: { key: (row: number, isPadding: boolean) => void; query: (row: number) => void },
): void {
  const { B, H, G, N, M } = p;
  for (let b = 0; b < B; b++) {
    for (let g = 0; g < G; g++) {
      const scale = p.headScales?.[g] ?? 1;
      const length = p.keyLengths?.[b] ?? M;
      const seen = new Set<number>();
      for (let h = (g * H) / G; h < ((g + 1) * H) / G; h++) {
        visibleKeys(p, b, h).forEach((keys, i) => {
          if (keys.length === 0) use.query((b * H + h) * N + i);
          for (const key of keys) seen.add(key);
        });
      }
      for (let j = 0; j < M; j++) {
        if (j >= length || !seen.has(Math.floor(j / scale))) use.key((b * G + g) * M + j, j >= length);
      }
    }
  }
}

/**
 * The operands of a problem with NaN, infinite and very large numbers in keys and values that no query sees, in queries
 * that see no key and in the gradients of their outputs. What statistics and convolutions make of a valid key or query is
 * seen by others, so there these stay.
 */
export function harmHidden(p: OracleProblem, rng: Random): Operands {
  const [q, k, v, dOut] = [p.q, p.k, p.v, p.dOut].map((values) => Float32Array.from(values));
  const { D, E } = p;
  const harm = (values: Float32Array, row: number, width: number) => {
    if (rng.chance(0.3)) return;
    const value = rng.pick(harmful);
    if (rng.chance(0.5)) values.fill(value, row * width, (row + 1) * width);
    else values[row * width + rng.integer(0, width - 1)] = value;
  };
  findHidden(p, {
    key: (row, isPadding) => {
      if (isPadding || !(p.batchNorm || p.conv)) harm(k, row, D);
      harm(v, row, E);
    },
    query: (row) => {
      if (!p.conv) harm(q, row, D);
      harm(dOut, row, E);
    },
  });
  return { q, k, v, dOut };
}

/** The operands with a few NaN and infinite numbers anywhere. */
export function harmAny(p: OracleProblem, rng: Random): Operands {
  const operands = { q: p.q, k: p.k, v: p.v, dOut: p.dOut };
  // phi(-Infinity) is 0, a number like any other.
  const numbers = p.kernel === 'linear' ? [NaN, Infinity] : [NaN, Infinity, -Infinity];
  const name = rng.pick(['q', 'k', 'v', 'dOut'] as const);
  const values = Float32Array.from(p[name]);
  for (let count = rng.integer(1, 3); count > 0 && values.length > 0; count--) {
    values[rng.integer(0, values.length - 1)] = rng.pick(numbers);
  }
  return { ...operands, [name]: values };
}
