// What a model is not to see: every function that takes data refuses it, names the case, and has changed nothing.

import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { headRedundancy } from '../../src/analysis/headRedundancy.js';
import { attentionMaps } from '../../src/analysis/attentionMaps.js';
import { attentionSupport } from '../../src/analysis/attentionSupport.js';
import type { LabelledData, LabelledImages, LabelledTokens } from '../../src/data/labelledData.js';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';
import { tokenClassifier } from '../../src/models/tokenClassifier.js';
import { visionTransformer } from '../../src/models/visionTransformer.js';
import { init } from '../../src/ops/init.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { predict } from '../../src/training/predict.js';
import { makeClassifier, slopes, weightsOf } from './slopes.js';

beforeAll(() => init());

const sizes = { classes: 2, width: 8, feedForward: 8, heads: 2, layers: 1, seed: 1 };

const { width: embedDim, ...others } = sizes;
const vision = { ...others, embedDim };

const series = slopes(4, 1);
const tokens: LabelledTokens = {
  tokens: [Int32Array.of(0, 1, 2), Int32Array.of(2), Int32Array.of(1, 1), Int32Array.of(0)],
  lengths: [3, 1, 2, 1],
  vocabulary: ['x', 'y', 'z'],
  labels: [0, 1, 1, 0],
  classNames: ['a', 'b'],
};
const images: LabelledImages = {
  images: Float32Array.from({ length: 4 * 4 * 4 * 2 }, (_, i) => Math.sin(i)),
  ...{ height: 4, width: 4, channels: 2 },
  labels: [0, 1, 1, 0],
  classNames: ['a', 'b'],
};

/** An array with another element at an index. */
function put<T>(values: readonly T[], index: number, value: unknown): T[] {
  return values.map((old, i) => (i === index ? (value as T) : old));
}

/** A series with another number. */
function withValue(index: number, at: number, value: number): Partial<TimeSeriesData> {
  const changed = Float32Array.from(series.series[index]);
  changed[at] = value;
  return { series: put(series.series, index, changed) };
}

/** Images with another number. */
function withPixel(at: number, value: number): Partial<LabelledImages> {
  const changed = Float32Array.from(images.images);
  changed[at] = value;
  return { images: changed };
}

type Bad = [what: string, change: object, message: string];

/** Wrong in the cases themselves. */
const badCases: { kind: string; data: LabelledData; make: () => LayersModel; bad: Bad[] }[] = [
  {
    kind: 'series',
    data: series,
    make: () => makeClassifier(),
    bad: [
      ['NaN', withValue(1, 0, NaN), 'case 2 was NaN at position 1, channel 1; it must be finite'],
      ['Infinity', withValue(2, 1, Infinity), 'case 3 was Infinity at position 2, channel 1'],
      ['-Infinity', withValue(0, 0, -Infinity), 'case 1 was -Infinity at position 1, channel 1'],
      ['1e39 of a typed array', withValue(3, 0, 1e39), 'case 4 was Infinity at position 1, channel 1'],
      [
        '1e39 of a plain array',
        { series: put(series.series, 1, put([...series.series[1]], 0, 1e39)) },
        'case 2 was 1e+39 at position 1',
      ],
      ['a text', { series: put(series.series, 1, put([...series.series[1]], 0, '1')) }, 'case 2 was 1 at position 1'],
      [
        'no array',
        { series: put(series.series, 2, null) },
        'series of case 3 was null; it must be an array of numbers',
      ],
      ['length 0', { lengths: put(series.lengths, 1, 0) }, 'series of case 2 held'],
      [
        'no positions',
        { series: put(series.series, 1, new Float32Array()), lengths: put(series.lengths, 1, 0) },
        'the length of case 2 was 0; it must be an integer, 1 or more',
      ],
      ['a fraction', { lengths: put(series.lengths, 2, 2.5) }, 'the length of case 3 was 2.5; it must be an integer'],
      ['NaN as length', { lengths: put(series.lengths, 0, NaN) }, 'the length of case 1 was NaN'],
      ['a negative length', { lengths: put(series.lengths, 0, -1) }, 'the length of case 1 was -1'],
      ['beyond the data', { lengths: put(series.lengths, 3, 100) }, 'series of case 4 held'],
      ['too few lengths', { lengths: [1] }, 'lengths was an array of 1; it must be an array of 4 integers'],
      ['no lengths', { lengths: undefined }, 'lengths was undefined; it must be an array of 4 integers'],
      ['other channels', { channels: 2 }, "the model's inputs were [B, 6, 1] and [B, 1]; they must be [B, length, 2]"],
      [
        'other channels in one case',
        { series: put(series.series, 1, new Float32Array(2 * series.lengths[1])) },
        `series of case 2 held ${2 * series.lengths[1]} numbers; they must be ${series.lengths[1]}`,
      ],
      ['no channels', { channels: 0 }, 'channels was 0; it must be an integer, 1 or more'],
      ['no series', { series: undefined }, 'series was undefined; it must be an array'],
      [
        'too long',
        { series: put(series.series, 2, new Float32Array(9)), lengths: put(series.lengths, 2, 9) },
        "case 3 had 9 positions; it must have at most 6, the model's length",
      ],
      ['another kind', { kind: 'video' }, "kind was 'video'; it must be 'series' or 'images' or 'tokens'"],
    ],
  },
  {
    kind: 'tokens',
    data: tokens,
    make: () => tokenClassifier({ ...sizes, vocabulary: 3, length: 4 }),
    bad: [
      [
        'a token beyond',
        { tokens: put(tokens.tokens, 2, Int32Array.of(1, 3)) },
        'the token of case 3 at position 2 was 3; it must be an integer from 0 to 2',
      ],
      [
        'a negative token',
        { tokens: put(tokens.tokens, 0, Int32Array.of(0, -1, 2)) },
        'the token of case 1 at position 2',
      ],
      ['a fraction', { tokens: put(tokens.tokens, 1, [0.5]) }, 'the token of case 2 at position 1 was 0.5'],
      ['length 0', { tokens: put(tokens.tokens, 1, []), lengths: [3, 0, 2, 1] }, 'the length of case 2 was 0'],
      [
        'beyond the data',
        { lengths: [3, 1, 4, 1] },
        'tokens of case 3 held 2 numbers; they must be 4, for 4 positions',
      ],
      ['no vocabulary', { vocabulary: [] }, 'vocabulary was an array; it must hold one or more names of tokens'],
    ],
  },
  {
    kind: 'images',
    data: images,
    make: () => visionTransformer({ ...vision, ...{ height: 4, width: 4, channels: 2, patchSize: 2 } }),
    bad: [
      ['NaN', withPixel(2 * 32 + 9, NaN), 'case 3 was NaN at row 2, column 1, channel 2; it must be finite'],
      ['1e39', withPixel(127, 1e39), 'case 4 was Infinity at row 4, column 4, channel 2'],
      ['another size', { height: 2 }, "the model's inputs were [B, 4, 4, 2]; they must be [B, 2, 4, 2]"],
      [
        'part of an image',
        { images: images.images.subarray(5) },
        'images held 123 numbers; they must be a multiple of 32',
      ],
      ['no size', { width: 0 }, 'width was 0; it must be an integer, 1 or more'],
      ['lists', { images: [[1]] }, 'images was [[1]]; it must be a Uint8Array or Float32Array'],
      ['statistics of another width', { statistics: { mean: [0], deviation: [1] } }, 'statistics had 1 channels'],
      [
        'a deviation of 0',
        { statistics: { mean: [0, 0], deviation: [1, 0] } },
        'statistics.deviation[1] was 0; it must be above 0',
      ],
      [
        'statistics that leave float32',
        { statistics: { mean: [0, 0], deviation: [1, 1e-40] } },
        'case 1 was Infinity at row 1, column 1, channel 2, standardised; it must be finite',
      ],
    ],
  },
];

/** Wrong in the labels, of any kind of data. */
const badLabels: Bad[] = [
  ...[-2, 2, 3, NaN, 1.5, '1', null].map((label): Bad => {
    const shown = typeof label === 'string' ? `'${label}'` : String(label);
    const message = `the label of case 3 was ${shown}; it must be an integer from 0 to 1, as there are 2 classNames`;
    return [`label ${shown}`, { labels: [0, 1, label, 0] }, message];
  }),
  ['a missing label', { labels: [0, 1, 1, -1] }, 'the label of case 4 was -1, which stands for none'],
  ['too few labels', { labels: [0, 1] }, 'the data had 2 labels; they must be 4, one for each case'],
  ['no labels', { labels: undefined }, 'the data had no labels; it must have one for each case'],
  ['labels of another type', { labels: 'abcd' }, "labels was 'abcd'; it must be an array of 4"],
  ['fewer names', { classNames: ['a'] }, 'the data had 1 classes; they must be 2'],
  ['other names', { classNames: [1, 2] }, 'classNames was an array that holds more than names'],
];

describe.each(badCases)('$kind', ({ data, make, bad }) => {
  const altered = (change: object) => ({ ...data, ...change });

  async function refused(model: LayersModel, use: () => unknown, message: string): Promise<void> {
    const [before, memory] = [weightsOf(model), tf.memory()];
    await expect((async () => await use())()).rejects.toThrow(message);
    expect(weightsOf(model)).toEqual(before);
    expect(tf.memory()).toEqual(memory);
  }

  it.each([...bad, ...badLabels])('%s is refused by fit and evaluate', async (_, change, message) => {
    const [model, broken] = [make(), altered(change)];
    await refused(model, () => fit(model, broken, { epochs: 1 }), `fit: ${message}`);
    await refused(model, () => fit(model, data, { epochs: 1, validation: broken }), `fit: validation: ${message}`);
    await refused(model, () => evaluate(model, broken), `evaluate: ${message}`);
    model.dispose();
  });

  it.each(bad)('%s is refused by predict and analysis', async (_, change, message) => {
    const [model, broken] = [make(), altered(change)];
    await refused(model, () => predict(model, broken), `predict: ${message}`);
    // Analysis leaves it to the model to say which inputs it takes, and lengths of 0 to attention.
    if (!message.includes("the model's") && !/^the length of case \d was 0/.test(message)) {
      for (const analyse of [headRedundancy, attentionMaps, attentionSupport]) {
        await refused(model, () => analyse(model, broken), `${analyse.name}: ${message}`);
      }
    }
    model.dispose();
  });

  it('needs no labels to be predicted', () => {
    const model = make();
    const expected = predict(model, data);
    const { labels, classNames, ...cases } = data;
    expect(predict(model, cases)).toEqual(expected);
    expect(predict(model, { ...cases, classNames })).toEqual(expected);
    expect(predict(model, { ...cases, labels: labels.map(() => -1), classNames: [] })).toEqual(expected);
    expect(() => predict(model, { ...cases, classNames: ['a'] })).toThrow('predict: the data had 1 classes');
    expect(() => evaluate(model, cases as LabelledData)).toThrow('evaluate: the fields were');
    expect(() => evaluate(model, { ...cases, classNames } as LabelledData)).toThrow('evaluate: the data had no labels');
    model.dispose();
  });
});

it.each([undefined, null, 5, 'data', {}, []])('%j is no data', async (data) => {
  const model = makeClassifier();
  for (const use of [fit, evaluate, predict] as ((model: LayersModel, data: never) => unknown)[]) {
    await expect((async () => await use(model, data as never))()).rejects.toThrow(`${use.name}: the data`);
  }
});

it('says that a model is none, or its outputs are others', async () => {
  for (const use of [fit, evaluate, predict] as ((model: never, data: LabelledData) => unknown)[]) {
    await expect((async () => await use({} as never, series))()).rejects.toThrow(`${use.name}: model was an instance`);
  }
});

it('says that the outputs are not finite, and of which case', () => {
  const model = makeClassifier();
  const bias = model.getLayer('classes').weights.at(-1)!;
  bias.write(tf.tensor1d([NaN, 0]));
  expect(() => predict(model, series)).toThrow("predict: the model's output for case 1 was NaN; it must be finite");
  expect(() => evaluate(model, series)).toThrow("evaluate: the model's output for case 1 was NaN");
});
