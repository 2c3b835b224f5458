import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attention,
  type AttentionOptions,
  BlockMask,
  blockMask,
  type BlockPredicate,
  init,
} from '../../../src/index.js';
import { attentionWithGradients } from '../../support/attention.js';
import { attentionCase, type CaseShape, checkCase, computeCase, normalOperands } from '../../support/attentionCase.js';
import { normal } from '../../support/normal.js';

beforeAll(async () => {
  await init();
});

/** Whether a block of `size` queries and keys a side is seen, on the predicate's terms. */
const blocksOf =
  (size: number, sees: (row: number, column: number) => boolean): BlockPredicate =>
  (_, query, key) =>
    sees(Math.floor(query / size), Math.floor(key / size));

const patterns: [string, BlockPredicate][] = [
  ['local', (_, i, j) => Math.abs(i - j) <= 9],
  ['block-local', blocksOf(32, (row, column) => row === column)],
  ['strided', (_, i, j) => j <= i && (i - j < 16 || (i - j) % 16 === 0)],
  ['dilated', (_, i, j) => Math.abs(i - j) <= 24 && (i - j) % 4 === 0],
  ['global + local', (_, i, j) => i < 3 || j < 3 || Math.abs(i - j) <= 5],
  ['one that differs between heads', (head, i, j) => (i + j) % (head + 2) === 0],
  ['a checkerboard of blocks', blocksOf(8, (row, column) => (row + column) % 2 === 0)],
  ['everything', () => true],
  ['nothing', () => false],
  ['one pair', (_, i, j) => i === 70 && j === 3],
];

describe('a pattern is the mask that says the same', () => {
  const shapes: CaseShape[] = [
    { B: 2, H: 2, G: 1, N: 75, M: 75, D: 8, E: 8 },
    { B: 1, H: 2, G: 2, N: 130, M: 67, D: 5, E: 3 },
  ];

  describe.each(patterns)('%s', (_, sees) => {
    it.each([8, 16, 24, 64, 128])('in blocks of %i', (blockSize) => {
      for (const shape of shapes) {
        const { H, N, M } = shape;
        const blocks = { sees, blockMask: blockMask(sees, { heads: H, queries: N, keys: M, blockSize }) };
        expect(checkCase(attentionCase(shape, normalOperands(shape), {}, undefined, { blocks }))).toEqual([]);
      }
    });
  });

  it.each<[string, AttentionOptions]>([
    ['causal', { causal: true, queryOffset: 4 }],
    ['a window', { window: [20, 3] }],
    ['padding', { keyLengths: [40, 75] }],
    ['dropout', { dropout: 0.4, seed: 9 }],
    ['a soft cap', { softcap: 1 }],
    ['BN', { batchNorm: true }],
  ])('together with %s', (_, options) => {
    const [shape] = shapes;
    const { H, N, M } = shape;
    for (const [, sees] of patterns) {
      const blocks = { sees, blockMask: blockMask(sees, { heads: H, queries: N, keys: M, blockSize: 16 }) };
      expect(checkCase(attentionCase(shape, normalOperands(shape), options, undefined, { blocks }))).toEqual([]);
    }
  });

  it('gives the same numbers by every way to write it', () => {
    const [N, M, blockSize] = [48, 64, 16];
    const sees = blocksOf(blockSize, (row, column) => column !== row + 1);
    const pattern = [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => column !== row + 1));
    const [numbers, forHeads] = [pattern.map((row) => row.map(Number)), [pattern, pattern]];
    const sizes = { queries: N, keys: M, blockSize };
    const shape = { B: 1, H: 2, G: 2, N, M, D: 8, E: 8 };
    const run = (options: AttentionOptions) => computeCase(attentionCase(shape, normalOperands(shape), options));
    const expected = run({ blockMask: blockMask(sees, sizes) });
    for (const source of [pattern, numbers, forHeads]) {
      expect(run({ blockMask: blockMask(source, sizes) })).toEqual(expected);
    }
    expect(run({ blockMask: blockMask(sees, { ...sizes, heads: 2 }) })).toEqual(expected);
  });
});

describe('hidden blocks', () => {
  /** Tensors whose keys from `first` to `end` hold no number. */
  function poisoned(first: number, end: number) {
    const shape = [1, 2, 256, 8];
    const [q, k, v, dOut] = [0, 1, 2, 3].map((seed) => normal(shape, seed));
    const keys = tf.reshape(tf.range(0, 256), [1, 1, 256, 1]);
    const poison = (x: tf.Tensor) => tf.where(tf.logicalAnd(tf.greaterEqual(keys, first), tf.less(keys, end)), NaN, x);
    return { clean: { q, k, v, dOut }, dirty: { q, k: poison(k), v: poison(v), dOut } };
  }

  it.each([
    [64, 64, 128],
    [64, 0, 64],
    [64, 128, 256],
    [128, 128, 256],
  ])('of %i, keys %i to %i: are never read', (blockSize, first, end) => {
    const { clean, dirty } = poisoned(first, end);
    const sees: BlockPredicate = (_, i, j) => (j < first || j >= end) && (i + j) % 5 > 0;
    const options = { blockMask: blockMask(sees, { queries: 256, blockSize }) };
    expect(attentionWithGradients(dirty, options)).toEqual(attentionWithGradients(clean, options));
  });

  it.each([8, 16, 24, 40, 48])('of %i are never read forward', (blockSize) => {
    const { clean, dirty } = poisoned(2 * blockSize, 3 * blockSize);
    const sees = blocksOf(blockSize, (_, column) => column !== 2);
    const options = { blockMask: blockMask(sees, { queries: 256, blockSize }) };
    const [actual, expected] = [dirty, clean].map(({ q, k, v }) => attention(q, k, v, options).dataSync());
    expect(actual).toEqual(expected);
  });

  it('rows that see nothing are 0 and have no gradient', () => {
    const sees: BlockPredicate = (_, i) => i >= 8 && i !== 20;
    const [q, k, v, dOut] = [0, 1, 2, 3].map((seed) => normal([1, 1, 32, 4], seed));
    const { out, dq } = attentionWithGradients(
      { q, k, v, dOut },
      { blockMask: blockMask(sees, { queries: 32, blockSize: 8 }) },
    );
    for (const values of [out, dq]) {
      const rows = Array.from({ length: 32 }, (_, i) => values.slice(4 * i, 4 * i + 4).every((value) => value === 0));
      expect(rows.flatMap((isZero, i) => (isZero ? [i] : []))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 20]);
    }
  });
});

describe('BlockMask', () => {
  it('is asked once for each head, query and key', () => {
    const asked = new Map<string, number>();
    const count: BlockPredicate = (...at) => {
      asked.set(at.join(), (asked.get(at.join()) ?? 0) + 1);
      return true;
    };
    blockMask(count, { heads: 2, queries: 11, keys: 9, blockSize: 8 });
    expect(asked.size).toBe(2 * 11 * 9);
    expect(new Set(asked.values())).toEqual(new Set([1]));
    expect([...asked.keys()].sort().at(-1)).toBe('1,9,8');
  });

  it.each<[string, BlockMask, number]>([
    ['all', blockMask(() => true, { queries: 100 }), 1],
    ['none', blockMask(() => false, { queries: 100 }), 0],
    ['the diagonal', blockMask((_, i, j) => i === j, { queries: 64, blockSize: 8 }), 1 / 8],
    ['causal', blockMask((_, i, j) => j <= i, { queries: 32, blockSize: 8 }), 10 / 16],
    ['half of the heads', blockMask((head) => head === 0, { heads: 2, queries: 8, keys: 30, blockSize: 8 }), 1 / 2],
    ['a pattern', blockMask([[1, 0, 0]], { queries: 60, keys: 190 }), 1 / 3],
  ])('has a density: %s', (_, mask, density) => {
    expect(mask.density).toBe(density);
  });

  it('keeps bits only where a block is cut', () => {
    const causal = blockMask((_, i, j) => j <= i, { queries: 128, blockSize: 64 });
    expect([...causal.table]).toEqual([2, 0, 1, 3]);
    expect(causal.bitmaps).toHaveLength((2 * 64 * 64) / 8);
    expect(blockMask([[1]], { queries: 10 }).bitmaps).toHaveLength(0);
  });

  it('serves any number of calls, heads and samples', () => {
    const mask = blockMask((_, i, j) => j <= i, { queries: 20, blockSize: 8 });
    tf.tidy(() => {
      for (const [batch, heads] of [
        [1, 1],
        [3, 2],
      ]) {
        const [q, k, v] = [0, 1, 2].map((seed) => normal([batch, heads, 20, 4], seed));
        const [blocks, causal] = [{ blockMask: mask }, { causal: true }].map((options) => attention(q, k, v, options));
        expect(tf.max(tf.abs(tf.sub(blocks, causal))).dataSync()[0]).toBeLessThan(1e-6);
      }
    });
  });
});

describe('a wrong argument', () => {
  it.each<[string, unknown, unknown]>([
    ['source was undefined; it must be a function or nested arrays', undefined, { queries: 8 }],
    ['source was 3; it must be', 3, { queries: 8 }],
    ['source was an instance of Int32Array; it must be', new Int32Array(4), { queries: 8 }],
    ['options was undefined; it must be an object', () => true, undefined],
    ['options was 64; it must be', () => true, 64],
    ['queries was undefined; it must be an integer', () => true, {}],
    ['queries was 0; it must be', () => true, { queries: 0 }],
    ['queries was 1.5; it must be', () => true, { queries: 1.5 }],
    ['keys was 0; it must be', () => true, { queries: 8, keys: 0 }],
    ["keys was '8'; it must be", () => true, { queries: 8, keys: '8' }],
    ['heads was 0; it must be', () => true, { queries: 8, heads: 0 }],
    ['blockSize was 4; it must be', () => true, { queries: 8, blockSize: 4 }],
    ['blockSize was 12; it must be a multiple of 8', () => true, { queries: 8, blockSize: 12 }],
    ['blockSize was NaN; it must be', () => true, { queries: 8, blockSize: NaN }],
    ["unknown option 'size'; the options are queries, keys, heads, blockSize", () => true, { queries: 8, size: 8 }],
    [
      'pattern held an array of 3 in dimension 1 of [heads, rows, columns]; it must be [1, 2, 2]',
      [
        [1, 1],
        [1, 1],
        [1, 1],
      ],
      { queries: 128 },
    ],
    [
      'pattern held an array of 1 in dimension 2 of [heads, rows, columns]; it must be [1, 2, 2]',
      [[1, 1], [1]],
      { queries: 128 },
    ],
    ['pattern held an array of 0 in dimension 1', [], { queries: 128 }],
    ['pattern held true in dimension 2', [[1, 1], true], { queries: 128 }],
    [
      'pattern held an array of 2 in dimension 0 of [heads, rows, columns]; it must be [3, 1, 1]',
      [[[1]], [[1]]],
      { queries: 8, heads: 3 },
    ],
    [
      'pattern held an array of 1 in dimension 0 of [heads, rows, columns]; it must be [2, 1, 1]',
      [[1]],
      { queries: 8, heads: 2 },
    ],
  ])('%s', (message, source, options) => {
    expect(() => blockMask(source as never, options as never)).toThrow(`blockMask: ${message}`);
  });

  it.each<[string, () => unknown]>([
    ['blockMask was an instance of Object; it must come from pa.blockMask(...)', () => ({})],
    ['blockMask was true; it must come from', () => true],
    ['blockMask was null; it must come from', () => null],
    [
      'blockMask was made for 1 heads, 8 queries and 8 keys; it must be for 1 or 4 heads, 6 queries and 9 keys',
      () => blockMask(() => true, { queries: 8 }),
    ],
    ['blockMask was made for 1 heads, 6 queries and 8 keys', () => blockMask(() => true, { queries: 6, keys: 8 })],
    [
      'blockMask was made for 2 heads, 6 queries and 9 keys',
      () => blockMask(() => true, { heads: 2, queries: 6, keys: 9 }),
    ],
  ])('of attention: %s', (message, make) => {
    tf.tidy(() => {
      const [q, k] = [tf.ones([1, 4, 6, 2]), tf.ones([1, 2, 9, 2])];
      expect(() => attention(q, k, k, { blockMask: make() as BlockMask })).toThrow(`attention: ${message}`);
    });
  });
});
