// Random attention problems against the oracle: what a kernel gets wrong it gets wrong at odd shapes and options.

import * as tf from '@tensorflow/tfjs-core';
import { type AttentionOptions, blockMask } from '../../src/index.js';
import {
  attentionCase,
  type AttentionCase,
  type CaseBlocks,
  type CaseConvolution,
  type CaseExtras,
  type CaseMask,
  type CaseShape,
  checkCase,
  checkShown,
  normalOperands,
} from './attentionCase.js';
import { harmAny, harmHidden } from './hiddenOperands.js';
import { random, type Random } from './random.js';

/** Around the tiles of the kernels (4, 8, 64, 256), and primes. */
const lengths = [
  1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 29, 31, 37, 61, 63, 64, 65, 97, 127, 128, 131, 199, 255, 256, 257, 293,
];
const widths = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 24, 31, 32, 33, 64];
/** Rarely, since their oracle is slow. */
const wideWidths = [128, 255, 256];

function shapeOf(rng: Random): CaseShape {
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
  return { B, H, G, N, M, D, E };
}

function maskOf(rng: Random, { B, H, N, M }: CaseShape): CaseMask {
  const shape = [B, H, N, M].map((size) => (rng.chance(0.4) ? 1 : size)).slice(rng.integer(0, 2));
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => 0);
  const dtype = rng.pick(['bool', 'float32'] as const);
  for (let i = 0; i < values.length; i++) {
    if (dtype === 'bool') values[i] = rng.chance(0.7) ? 1 : 0;
    else values[i] = rng.chance(0.2) ? -Infinity : Math.fround(rng.normal());
  }
  // Whole queries and keys that see nothing, or are seen by none.
  const hidden = dtype === 'bool' ? 0 : -Infinity;
  const [rows, columns] = shape.length > 1 ? shape.slice(-2) : [1, shape[0]];
  const hide = (of: number, chance: number) => Array.from({ length: of }, () => rng.chance(chance));
  const [hiddenRows, hiddenColumns] = rng.chance(0.5) ? [hide(rows, 0.1), hide(columns, 0.3)] : [[], []];
  values.forEach((_, i) => {
    if (hiddenRows[Math.floor(i / columns) % rows] || hiddenColumns[i % columns]) values[i] = hidden;
  });
  return { dtype, shape, values };
}

/** A pattern of whole blocks, or a predicate that also cuts through blocks. */
function blocksOf(rng: Random, { H, N, M }: CaseShape): CaseBlocks {
  const blockSize = rng.pick([8, 16, 24, 64, 128]);
  const heads = rng.pick([1, H]);
  const [rows, columns] = [Math.ceil(N / blockSize), Math.ceil(M / blockSize)];
  const share = rng.pick([0.1, 0.5, 0.8]);
  const pattern = Array.from({ length: heads }, () =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => rng.chance(share))),
  );
  const inPattern = (h: number, i: number, j: number) =>
    pattern[h % heads][Math.floor(i / blockSize)][Math.floor(j / blockSize)];
  if (rng.chance(0.4)) return { sees: inPattern, blockMask: blockMask(pattern, { queries: N, keys: M, blockSize }) };
  const [stride, reach] = [rng.integer(1, 12), rng.integer(0, 40)];
  const sees = rng.pick([
    (h: number, i: number, j: number) => Math.abs(i - j) <= reach || (j + h) % stride === 0,
    (_: number, i: number, j: number) => (i - j) % stride === 0,
    (h: number, i: number, j: number) => inPattern(h, i, j) && j <= i + reach,
  ]);
  // Heads that share one pattern share what head 0 sees.
  const own = (h: number, i: number, j: number) => sees(h % heads, i, j);
  return { sees: own, blockMask: blockMask(own, { heads, queries: N, keys: M, blockSize }) };
}

/** A kernel of one row of taps, or, where the positions make up a grid, of several. */
function convolutionOf(rng: Random, { G, D, N, M }: CaseShape): CaseConvolution {
  const columns = rng.pick(Array.from({ length: N }, (_, n) => n + 1).filter((n) => N % n === 0));
  const grid = N === M && rng.chance(0.6) ? ([N / columns, columns] as [number, number]) : undefined;
  const shape = [G, D, ...(grid ? [rng.integer(1, 4)] : []), rng.integer(1, 7)];
  const taps = tf.util.sizeFromShape(shape.slice(2));
  return { shape, values: rng.normals(G * D * taps, 1 / Math.sqrt(taps)), grid };
}

/** Without an epsilon only where no feature of so many keys can be constant. */
function batchNormOf(rng: Random, keys: number): NonNullable<AttentionOptions['batchNorm']> {
  if (rng.chance(0.3)) return true;
  return {
    ...(rng.chance(0.6) && { beta: rng.pick([-0.5, 0, 0.6, 1.5]) }),
    ...(rng.chance(0.3) && { variance: false }),
    ...(rng.chance(0.4) && { epsilon: rng.pick(keys > 8 ? [0, 1e-3, 0.1] : [1e-3, 0.1]) }),
  };
}

/** Case number `seed`. */
export function fuzzCase(seed: number): AttentionCase {
  const rng = random(`attention ${seed}`);
  const shape = shapeOf(rng);
  const { B, G, N, M } = shape;
  const operands = normalOperands(shape, rng, rng.pick([0.3, 1, 1, 3]));
  const linear = rng.chance(0.25);
  const scaled = rng.chance(0.3);
  const normalized = rng.chance(0.3);
  const convolved = rng.chance(0.12);
  const options: AttentionOptions = {};
  if (linear) options.kernel = 'linear';
  if (rng.chance(0.2)) options.scale = rng.pick([linear ? 3 : -0.3, 0.05, 0.7]);
  if (scaled) options.headScales = Array.from({ length: G }, () => rng.pick([1, 2, 2, 3, 4, 5, 8, 13, 300]));
  if (rng.chance(0.3)) options.keyLengths = Array.from({ length: B }, () => rng.integer(0, M));
  if (normalized) {
    const [fewest, scale] = [Math.min(M, ...(options.keyLengths ?? [])), Math.max(1, ...(options.headScales ?? []))];
    options.batchNorm = batchNormOf(rng, fewest / scale);
  }
  if (!normalized && !convolved && rng.chance(linear ? 0.6 : 0.4)) options.causal = true;
  if (rng.chance(0.2)) options.queryOffset = rng.integer(-N, M);
  else if (rng.chance(0.1)) options.queryOffset = Array.from({ length: B }, () => rng.integer(-N, M));
  if (!linear) {
    if (rng.chance(0.3)) options.window = [rng.integer(-1, 70), rng.integer(-1, 70)];
    if (rng.chance(0.2)) options.softcap = rng.pick([0.5, 2, 30]);
    if (rng.chance(0.2)) {
      options.dropout = rng.pick([0.1, 0.5, 0.9]);
      options.seed = rng.integer(-(2 ** 31), 2 ** 31 - 1);
    }
  }
  const maskable = !linear && !scaled;
  if (maskable && rng.chance(0.2)) {
    options.alibiSlopes = rng.pick([true, Array.from({ length: shape.H }, () => rng.normal())]);
  }
  const mask = maskable && rng.chance(0.3) ? maskOf(rng, shape) : undefined;
  const extras: CaseExtras = {
    name: `seed ${seed}: `,
    conv: convolved ? convolutionOf(rng, shape) : undefined,
    blocks: maskable && M > 0 && rng.chance(0.3) ? blocksOf(rng, shape) : undefined,
    tensorBeta: typeof options.batchNorm === 'object' && options.batchNorm.beta !== undefined && rng.chance(0.6),
  };
  const plain = attentionCase(shape, operands, options, mask, extras);
  if (!rng.chance(0.4)) return plain;
  return attentionCase(shape, operands, options, mask, { ...extras, harmed: harmHidden(plain.problem, rng) });
}

/** Checks case number `seed`, and some with numbers that are not finite where they are seen. */
export function fuzz(seed: number): string[] {
  const attention = fuzzCase(seed);
  const rng = random(`shown ${seed}`);
  const failures = checkCase(attention);
  if (rng.chance(0.2)) failures.push(...checkShown(attention, harmAny(attention.problem, rng)));
  return failures;
}
