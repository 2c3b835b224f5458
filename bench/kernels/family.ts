// Every form of the family, each in turn with plain softmax attention of the same shape.

import * as tf from '@tensorflow/tfjs-core';
import { type AttentionOptions, blockMask, type BlockPattern } from '../../src/index.js';
import { passes, type AttentionShape } from '../../src/benchmarks/attentionCalls.js';
import { prepareAttention } from './attention.js';
import type { Row } from './rows.js';

interface Form {
  name: string;
  shapes: AttentionShape[];
  /** Options for a shape, made just before they are used. */
  options: (shape: AttentionShape) => AttentionOptions;
  /** G; default H. */
  keyHeads?: number;
}

/** Half of the heads keep all or half of the keys, the others a quarter or an eighth: 0.469 of the arithmetic. */
export const headScales = [1, 1, 2, 2, 4, 4, 8, 8];

const BLOCK = 64;

/** The pattern of blocks in which the block of queries `row` sees that of keys `column`. */
function pattern([, , positions]: AttentionShape, sees: (row: number, column: number) => boolean): BlockPattern {
  const blocks = Array.from({ length: Math.ceil(positions / BLOCK) }, (_, index) => index);
  return blocks.map((row) => blocks.map((column) => sees(row, column)));
}

const short: AttentionShape = [1, 8, 512, 64];
const middle: AttentionShape = [1, 8, 1024, 64];
const long: AttentionShape = [1, 8, 4096, 64];
/** With few heads, since the time of a head does not depend on how many there are. */
const sparse: AttentionShape = [1, 2, 4096, 64];

const forms: readonly Form[] = [
  { name: 'bn', shapes: [short, [32, 8, 29, 64]], options: () => ({ batchNorm: true }) },
  { name: 'sh', shapes: [middle, [1, 8, 2048, 64]], options: () => ({ headScales }) },
  { name: 'bn+sh', shapes: [middle, [1, 8, 2048, 64]], options: () => ({ batchNorm: true, headScales }) },
  { name: 'linear', shapes: [middle, long], options: () => ({ kernel: 'linear' }) },
  { name: 'linear causal', shapes: [middle, long], options: () => ({ kernel: 'linear', causal: true }) },
  { name: 'causal', shapes: [[1, 8, 2048, 64]], options: () => ({ causal: true }) },
  { name: 'window 64+64', shapes: [[1, 2, 8192, 64]], options: () => ({ window: [64, 64] }) },
  {
    name: 'strided',
    shapes: [sparse],
    options: (shape) => {
      const seen = pattern(shape, (row, column) => Math.abs(row - column) <= 1 || (row - column) % 8 === 0);
      return { blockMask: blockMask(seen, { queries: shape[2], blockSize: BLOCK }) };
    },
  },
  {
    name: 'local+global',
    shapes: [sparse],
    options: (shape) => {
      const seen = pattern(shape, (row, column) => Math.abs(row - column) <= 1 || row === 0 || column === 0);
      return { blockMask: blockMask(seen, { queries: shape[2], blockSize: BLOCK }) };
    },
  },
  {
    // Every fourth key within 256: all seen blocks are partly hidden, so they cost as whole ones do, and the bits.
    name: 'dilated',
    shapes: [sparse],
    options: (shape) => {
      const sees = (_: number, query: number, key: number) => Math.abs(query - key) <= 256 && (query - key) % 4 === 0;
      return { blockMask: blockMask(sees, { queries: shape[2], blockSize: BLOCK }) };
    },
  },
  {
    name: 'conv1d W=3',
    shapes: [short],
    options: ([, H, , D]) => ({ conv: { kernel: tf.randomNormal([H, D, 3], 0, 1, 'float32', 5) } }),
  },
  {
    name: 'conv2d W=3x3',
    shapes: [middle],
    options: ([, H, , D]) => ({ conv: { kernel: tf.randomNormal([H, D, 3, 3], 0, 1, 'float32', 5), grid: [32, 32] } }),
  },
  { name: 'gqa G=2', shapes: [middle], options: () => ({}), keyHeads: 2 },
  {
    name: 'keyLengths half',
    shapes: [middle],
    options: ([B, , N]) => ({ keyLengths: new Array<number>(B).fill(N / 2) }),
  },
  { name: 'dropout 0.1', shapes: [middle], options: () => ({ dropout: 0.1, seed: 1 }) },
  { name: 'softcap', shapes: [middle], options: () => ({ softcap: 30 }) },
  {
    name: 'mask bool',
    shapes: [middle],
    options: ([, , N]) => ({ mask: tf.tidy(() => tf.less(tf.randomUniform([1, 1, N, N], 0, 1, 'float32', 6), 0.9)) }),
  },
];

export const familyRows: readonly Row[] = forms.flatMap(({ name, shapes, options, keyHeads }) =>
  passes.flatMap((pass) =>
    shapes.map((shape) => ({
      kernel: `attention ${name}`,
      pass,
      shape: shape.join('x'),
      prepare: () => {
        const chosen = options(shape);
        const { flops, ours, softmax, dispose } = prepareAttention(shape, pass, chosen, keyHeads);
        return { flops, density: chosen.blockMask?.density, ours, softmax, dispose };
      },
    })),
  ),
);
