// Random attention problems against the oracle: what a kernel gets wrong it gets wrong at odd shapes and options.

import * as tf from '@tensorflow/tfjs-core';
import type { AttentionOptions } from '../../src/index.js';
import { attentionCase, type AttentionCase, type CaseMask, normalOperands } from './attentionCase.js';
import { random, type Random } from './random.js';

/** Around the tiles of the kernels (4, 8, 64, 256), and primes. */
const lengths = [
  1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 29, 31, 37, 61, 63, 64, 65, 97, 127, 128, 131, 199, 255, 256, 257, 293,
];
const widths = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 24, 31, 32, 33, 64];
/** Rarely, since their oracle is slow. */
const wideWidths = [128, 255, 256];

function maskOf(rng: Random, full: number[]): CaseMask {
  const shape = full.map((size) => (rng.chance(0.4) ? 1 : size)).slice(rng.integer(0, 2));
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 0);
  const dtype = rng.pick(['bool', 'float32'] as const);
  for (let i = 0; i < values.length; i++) {
    if (dtype === 'bool') values[i] = rng.chance(0.7) ? 1 : 0;
    else values[i] = rng.chance(0.2) ? -Infinity : Math.fround(rng.normal());
  }
  return { dtype, shape, values };
}

/** Case number `seed`. */
export function fuzzCase(seed: number): AttentionCase {
  const rng = random(`attention ${seed}`);
  const N = rng.pick(lengths);
  const M = rng.chance(0.4) ? N : rng.chance(0.03) ? 0 : rng.pick(lengths);
  const wide = N * M < 5000 && rng.chance(0.1);
  const D = rng.pick(wide ? wideWidths : widths);
  const E = rng.chance(0.5) ? D : rng.pick(wide ? wideWidths : widths);
  // As many heads and samples as the oracle has time for.
  const budget = 1e6 / (N * Math.max(M, 1) * (D + E));
  const G = rng.integer(1, Math.max(1, Math.min(3, budget)));
  const H = G * rng.integer(1, Math.max(1, Math.min(3, budget / G)));
  const B = rng.integer(1, Math.max(1, Math.min(3, budget / H)));
  const deviation = rng.pick([0.3, 1, 1, 3]);
  const shape = { B, H, G, N, M, D, E };
  const operands = normalOperands(shape, rng, deviation);
  const options: AttentionOptions = {};
  if (rng.chance(0.2)) options.scale = rng.pick([-0.3, 0.05, 0.7]);
  if (rng.chance(0.3)) options.keyLengths = Array.from({ length: B }, () => rng.integer(0, M));
  if (rng.chance(0.3)) options.causal = true;
  if (rng.chance(0.3)) options.window = [rng.integer(-1, 70), rng.integer(-1, 70)];
  if (rng.chance(0.2)) options.queryOffset = rng.integer(-N, M);
  else if (rng.chance(0.1)) options.queryOffset = Array.from({ length: B }, () => rng.integer(-N, M));
  if (rng.chance(0.2)) options.softcap = rng.pick([0.5, 2, 30]);
  if (rng.chance(0.2)) {
    options.dropout = rng.pick([0.1, 0.5, 0.9]);
    options.seed = rng.integer(-(2 ** 31), 2 ** 31 - 1);
  }
  const mask = rng.chance(0.3) ? maskOf(rng, [B, H, N, M]) : undefined;
  return attentionCase(shape, operands, options, mask, `seed ${seed}: `);
}
