// What headsAttention and poolPositions refuse: their kernels read and write what they are told, without a check.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { averagePositions } from '../../src/ops/averagePositions.js';
import { headsAttention } from '../../src/ops/headsAttention.js';
import type { HeadsLayout } from '../../src/ops/headsRuns.js';
import { poolPositions } from '../../src/ops/poolPositions.js';

beforeAll(() => init());

/** Queries, keys and values of 2 heads of width 3 in projections of their own, values of width 2. */
const layout = (positions: number, more: Partial<HeadsLayout['groups'][0]> = {}): HeadsLayout => {
  const [q, k, v] = [0, 1, 2].map((projection) => ({ projection, column: 0 }));
  return { headWidth: 3, valueWidth: 2, positions, groups: [{ heads: 2, scale: 1, q, k, v, ...more }] };
};
const run = (shapes: number[][], one: HeadsLayout) =>
  headsAttention(
    shapes.map((shape) => tf.ones(shape)),
    one,
    {},
  );

describe('headsAttention', () => {
  it('takes projections that hold what the layout says', () => {
    expect(
      run(
        [2, 5, 5].map((n, index) => [2, n, index === 2 ? 4 : 6]),
        layout(5),
      ).shape,
    ).toEqual([2, 2, 4]);
  });

  it.each<[string, number[][], HeadsLayout, string]>([
    [
      'fewer values than keys',
      [
        [2, 1, 6],
        [2, 64, 6],
        [2, 2, 4],
      ],
      layout(64),
      'v was [2, 2, 4]; it must be [2, 64, 4 or more], to fit k, [2, 64, 6]',
    ],
    [
      'fewer keys than values',
      [
        [2, 1, 6],
        [2, 2, 6],
        [2, 64, 4],
      ],
      layout(2),
      'v was [2, 64, 4]',
    ],
    [
      'fewer keys than positions',
      [
        [2, 1, 6],
        [2, 2, 6],
        [2, 2, 4],
      ],
      layout(64),
      'k was [2, 2, 6]; it must be [2, 64,',
    ],
    [
      'keys of another batch',
      [
        [2, 1, 6],
        [1, 3, 6],
        [1, 3, 4],
      ],
      layout(3),
      'k was [1, 3, 6]',
    ],
    [
      'values of another batch',
      [
        [1, 1, 6],
        [1, 3, 6],
        [2, 3, 4],
      ],
      layout(3),
      'v was [2, 3, 4]',
    ],
    [
      'queries too narrow',
      [
        [2, 1, 5],
        [2, 3, 6],
        [2, 3, 4],
      ],
      layout(3),
      'q was [2, 1, 5]; it must be [2, 1, 6 or more]',
    ],
    [
      'values too narrow',
      [
        [2, 1, 6],
        [2, 3, 6],
        [2, 3, 3],
      ],
      layout(3),
      'v was [2, 3, 3]',
    ],
    [
      'a column too far right',
      [
        [2, 1, 6],
        [2, 3, 6],
        [2, 3, 4],
      ],
      layout(3, { k: { projection: 1, column: 1 } }),
      'k was [2, 3, 6]',
    ],
    [
      'averages that are not',
      [
        [2, 1, 6],
        [2, 4, 6],
        [2, 4, 4],
      ],
      layout(4, { scale: 2 }),
      'k was [2, 4, 6]; it must be [2, 2,',
    ],
    [
      'ranks',
      [
        [2, 6],
        [2, 4, 6],
        [2, 4, 4],
      ],
      layout(4),
      'projection 0 was [2, 6]; it must be [B, N, columns]',
    ],
  ])('refuses %s', (_, shapes, one, message) => {
    expect(() => run(shapes, one)).toThrow(message);
  });
});

describe('pooling', () => {
  it.each<[string, () => unknown, string]>([
    ['lengths', () => poolPositions(tf.ones([1, 3, 2]), 2, [4]), 'poolPositions: lengths[0] was 4'],
    ['parts of a position', () => poolPositions(tf.ones([1, 3, 2]), 2, [1.5]), 'poolPositions: lengths[0] was 1.5'],
    ['the number of lengths', () => poolPositions(tf.ones([2, 3, 2]), 2, [3]), 'it must hold 2 integers'],
    ['scale', () => poolPositions(tf.ones([1, 3, 2]), 0, [3]), 'poolPositions: scale was 0'],
    ['rank', () => poolPositions(tf.ones([3, 2]), 2, [3]), 'poolPositions: x was [3, 2]'],
    ['no position', () => averagePositions(tf.ones([1, 0, 2]), [0]), 'averagePositions: x was [1, 0, 2]'],
  ])('refuses wrong %s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
