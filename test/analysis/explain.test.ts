/** Attention rollout, against float64 and against products of whole matrices. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  attentionMaps,
  explain,
  init,
  type LayerAttentionOptions,
  timeSeriesClassifier,
  tokenClassifier,
  visionTransformer,
} from '../../src/index.js';
import type { AttentionMap } from '../../src/analysis/attentionMaps.js';
import { maxError } from '../support/attention.js';
import { attentionModel, CHANNELS, seriesOf } from '../support/attentionModel.js';
import { headsOf } from '../oracles/attentionModelOracle.js';
import { type Matrix, matMul } from '../oracles/matrix.js';

beforeAll(() => init());

const data = seriesOf([7, 3, 5]);
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Half of the mean over heads, half of the identity; rows add up to 1. */
function stepOf(heads: readonly Matrix[]): Matrix {
  return heads[0].map((_, i) => {
    const row = heads[0].map((_, p) => (sum(heads.map((head) => head[i][p])) / heads.length + (p === i ? 1 : 0)) / 2);
    return row.map((value) => value / sum(row));
  });
}

/** A head's weights over positions instead of keys. */
function overPositions(weights: Matrix, positions: number, spanOf: (key: number) => readonly [number, number]): Matrix {
  return weights.map((row) => {
    const result = new Array<number>(positions).fill(0);
    row.forEach((weight, key) => {
      const [from, to] = spanOf(key);
      for (let p = from; p < to; p++) result[p] += weight / (to - from);
    });
    return result;
  });
}

const matrixOf = ({ queries, keys, weights }: AttentionMap): Matrix =>
  overPositions(
    Array.from({ length: queries }, (_, i) => [...weights.subarray(i * keys.length, (i + 1) * keys.length)]),
    queries,
    (key) => keys[key],
  );

/** The product of all layers' steps, from the last one to the first. */
function rolledOut(maps: readonly AttentionMap[]): Matrix {
  const names = [...new Set(maps.map(({ layer }) => layer))];
  const steps = names.map((name) => stepOf(maps.filter(({ layer }) => layer === name).map(matrixOf)));
  return steps.reduceRight((product, step) => (product.length ? matMul(product, step) : step), [] as Matrix);
}

describe('explain', () => {
  it.each([[undefined], [[1, 2]]])('is the rollout of one layer in float64, head scales %j', (scales) => {
    const model = attentionModel(scales && { headScales: scales });
    for (const { case: index, shares } of explain(model, data, { cases: [2, 0] })) {
      const length = data.lengths[index];
      const heads = headsOf(model, data, index, scales).map(({ weights }, head) => {
        const scale = scales?.[head] ?? 1;
        return overPositions(weights, length, (key) => [key * scale, Math.min((key + 1) * scale, length)]);
      });
      const expected = stepOf(heads).reduce(
        (total, row) => total.map((value, p) => value + row[p] / length),
        new Array<number>(length).fill(0),
      );
      expect(maxError(shares, expected)).toBeLessThan(1e-6);
      expect(sum(shares)).toBeCloseTo(1, 6);
    }
  });

  const forms: LayerAttentionOptions[] = [
    {},
    { batchNorm: true },
    { headScales: [1, 2] },
    { kernel: 'linear' },
    { window: [1, 1] },
  ];
  it.each(forms)('is the product of the steps of all layers, read from all positions: %j', (attention) => {
    const sizes = { channels: CHANNELS, length: 7, classes: 2, width: 8, feedForward: 8, heads: 2, layers: 3 };
    const model = timeSeriesClassifier({ ...sizes, attention, seed: 1 });
    const found = explain(model, data);
    expect(found.map(({ case: index }) => index)).toEqual([0, 1, 2]);
    for (const { case: index, shares } of found) {
      const product = rolledOut(attentionMaps(model, data, [index]));
      const expected = product[0].map((_, p) => sum(product.map((row) => row[p])) / product.length);
      expect(shares.length).toBe(data.lengths[index]);
      expect(maxError(shares, expected)).toBeLessThan(1e-6);
    }
  });

  it('of images is read from the class token, and is of the patches', () => {
    const model = visionTransformer({ height: 8, width: 8, channels: 1, classes: 2, layers: 2, seed: 1 });
    const images = Float32Array.from({ length: 64 }, (_, i) => (i % 7) - 3);
    const one = { images, height: 8, width: 8, channels: 1, labels: [0], classNames: ['a', 'b'] };
    const [{ shares }] = explain(model, one);
    const [token] = rolledOut(attentionMaps(model, one));
    const patches = token.slice(1);
    expect(
      maxError(
        shares,
        patches.map((share) => share / sum(patches)),
      ),
    ).toBeLessThan(1e-6);
  });

  it('of tokens finds the only position that all look at', () => {
    const sizes = { vocabulary: 4, length: 5, classes: 2, width: 8, feedForward: 8, heads: 2, layers: 1, seed: 1 };
    const model = tokenClassifier({ ...sizes, attention: { window: [0, 0] } });
    const tokens = {
      tokens: [Int32Array.of(1, 2, 3)],
      lengths: [3],
      vocabulary: ['a', 'b', 'c', 'd'],
      labels: [0],
      classNames: ['x', 'y'],
    };
    const [{ shares }] = explain(model, tokens);
    expect(maxError(shares, [1 / 3, 1 / 3, 1 / 3])).toBeLessThan(1e-6);
  });

  it('says what it cannot explain', () => {
    expect(() => explain(attentionModel(), data, { cases: [3] })).toThrow(/explain: cases/);
    expect(() => explain(attentionModel(), data, { batchSize: 1 } as object)).toThrow(
      "explain: unknown option 'batchSize'",
    );
  });
});
