import { describe, expect, it } from 'vitest';
import type { LabelledImages, LabelledTokens } from '../../src/data/labelledData.js';
import { stratifiedSplit, subset } from '../../src/data/split.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';

/** Images of one pixel, whose value is the case's index. */
const imagesOf = (labels: number[], classNames: string[]): LabelledImages => ({
  images: Uint8Array.from(labels.keys()),
  height: 1,
  width: 1,
  channels: 1,
  labels,
  classNames,
});

describe('subset', () => {
  const labels = [0, 1, 1];
  const classNames = ['a', 'b'];

  it('takes series and tokens in the order given, twice if asked to, without copies', () => {
    const series: TimeSeriesData = {
      series: [Float32Array.of(1), Float32Array.of(2, 3), Float32Array.of(4)],
      lengths: [1, 2, 1],
      channels: 1,
      labels,
      classNames,
    };
    const taken = subset(series, [2, 1, 2]);
    expect(taken).toEqual({
      ...series,
      series: [2, 1, 2].map((i) => series.series[i]),
      lengths: [1, 2, 1],
      labels: [1, 1, 1],
    });
    expect(taken.series[1]).toBe(series.series[1]);
    const tokens: LabelledTokens = {
      tokens: [Int32Array.of(0), Int32Array.of(1, 0), Int32Array.of()],
      lengths: [1, 2, 0],
      vocabulary: ['x', 'y'],
      labels,
      classNames,
    };
    expect(subset(tokens, [1])).toEqual({ ...tokens, tokens: [Int32Array.of(1, 0)], lengths: [2], labels: [1] });
  });

  it('copies images and keeps their type and statistics', () => {
    const statistics = { mean: [1, 2], deviation: [3, 4] };
    const bytes: LabelledImages = {
      images: Uint8Array.of(1, 2, 3, 4, 5, 6),
      height: 1,
      width: 1,
      channels: 2,
      labels,
      classNames,
      statistics,
    };
    expect(subset(bytes, [2, 0])).toEqual({ ...bytes, images: Uint8Array.of(5, 6, 1, 2), labels: [1, 0] });
    const numbers = { ...bytes, images: Float32Array.of(0.5, 1, 1.5, 2, 2.5, 3) };
    expect(subset(numbers, [1]).images).toEqual(Float32Array.of(1.5, 2));
  });

  it.each([3, -1, 0.5])('refuses index %d', (index) => {
    expect(() => subset(imagesOf(labels, classNames), [0, index])).toThrow(
      `subset: indices[1] was ${index}; it must be an integer from 0 to 2, the index of a case`,
    );
  });
});

describe('stratifiedSplit', () => {
  // 10 cases of a, 5 of b, 2 of c, 1 of d, none of e, in no order.
  const labels = [0, 1, 0, 2, 0, 1, 0, 0, 3, 1, 0, 0, 2, 1, 0, 0, 1, 0];
  const data = imagesOf(labels, ['a', 'b', 'c', 'd', 'e']);
  const counts = ({ labels: found, classNames }: LabelledImages) =>
    classNames.map((_, label) => found.filter((other) => other === label).length);

  it('takes the share of each class, rounded, and leaves one of each where it can', () => {
    const { train, validation } = stratifiedSplit(data, 0.2, 7);
    expect(counts(validation)).toEqual([2, 1, 1, 0, 0]);
    expect(counts(train)).toEqual([8, 4, 1, 1, 0]);
    expect(counts(stratifiedSplit(data, 0.99, 7).train)).toEqual([1, 1, 1, 1, 0]);
  });

  it('parts the cases: each on one side, in the order of the data', () => {
    const { train, validation } = stratifiedSplit(data, 0.3, 1);
    for (const { images, labels: found } of [train, validation]) {
      expect(Array.from(images)).toEqual(Array.from(images).sort((a, b) => a - b));
      expect(found).toEqual(Array.from(images, (index) => labels[index]));
    }
    expect([...train.images, ...validation.images].sort((a, b) => a - b)).toEqual([...labels.keys()]);
  });

  it('gives the same split for the same seed, and others for others', () => {
    const cases = (seed: number) => stratifiedSplit(data, 0.3, seed).validation.images.join(' ');
    expect(cases(3)).toBe(cases(3));
    expect(new Set(Array.from({ length: 8 }, (_, seed) => cases(seed))).size).toBeGreaterThan(4);
  });

  it('refuses a fraction out of range, and data with nothing to split', () => {
    for (const fraction of [0, 1, -0.1, NaN]) {
      expect(() => stratifiedSplit(data, fraction, 0)).toThrow(
        `fraction was ${fraction}; it must be above 0 and below 1`,
      );
    }
    expect(() => stratifiedSplit(imagesOf([0, 1], ['a', 'b']), 0.5, 0)).toThrow('no class had two cases');
  });
});
