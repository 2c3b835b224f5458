// Calls of what reads, makes and changes data. `npm run fuzz:inputs` has the contents of files; here they are well-formed.

import { writeFileSync } from 'node:fs';
import * as pa from '../../../src/index.js';
import type { Random } from '../../support/random.js';
import type { Call, Generator } from '../runCall.js';
import { isHuge } from './layerCalls.js';
import { normals } from './tensors.js';

/** A few padded series of two channels. */
export function seriesData(rng: Random, cases = rng.integer(3, 8)): pa.TimeSeriesData {
  const lengths = Array.from({ length: cases }, () => rng.integer(1, 6));
  return {
    kind: 'series',
    series: lengths.map((length) => rng.normals(2 * length)),
    lengths,
    channels: 2,
    labels: lengths.map((_, i) => i % 3),
    classNames: ['a', 'b', 'c'],
  };
}

/** A few grey images of 4 x 4. */
export function imageData(rng: Random, cases = rng.integer(3, 6)): pa.LabelledImages {
  return {
    kind: 'images',
    images: Uint8Array.from({ length: 16 * cases }, () => rng.integer(0, 255)),
    ...{ height: 4, width: 4, channels: 1, classNames: ['a', 'b'] },
    labels: Array.from({ length: cases }, (_, i) => i % 2),
  };
}

/** A few sequences of tokens 0 .. 3. */
export function tokenData(rng: Random, cases = rng.integer(3, 6)): pa.LabelledTokens {
  const lengths = Array.from({ length: cases }, () => rng.integer(1, 6));
  return {
    kind: 'tokens',
    tokens: lengths.map((length) => Int32Array.from({ length }, () => rng.integer(0, 3))),
    lengths,
    vocabulary: ['p', 'q', 'r', 's'],
    labels: lengths.map((_, i) => i % 2),
    classNames: ['a', 'b'],
  };
}

const anyData = (rng: Random) => rng.pick([seriesData, imageData, tokenData])(rng);

/** Calls `run` unless a number is so large that only memory or patience would be tested. */
const bounded =
  (run: (...args: never[]) => unknown, most?: number): Call['run'] =>
  (...args: never[]) =>
    args.some((arg) => isHuge(arg, most)) ? undefined : run(...args);

const text = '@problemName x\n@univariate true\n@classLabel true a b\n@data\n1,2,3:a\n2,3,4,5:b\n';

const timeTable = `date,a,b\n${Array.from({ length: 30 }, (_, i) => `2026-01-${10 + (i % 20)},${i},${i * i}`)
  .slice(0, 20)
  .join('\n')}\n`;

const timeTableOf = (rng: Random) => ({ channelNames: ['a', 'b'], values: rng.normals(80) });

/** A file to read, in the current folder. */
function file(name: string, content: string | Uint8Array): string {
  writeFileSync(name, content);
  return name;
}

const idx = (shape: number[], values: number[]) =>
  Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((size) => [0, 0, 0, size]), ...values]);

/** By the names of the exports. */
export const exportedData: Record<string, Generator> = {
  parseTimeSeries: () => ({ legal: true, args: [text, 'a text', {}], run: pa.parseTimeSeries }),
  readTimeSeries: () => ({
    legal: true,
    varies: true,
    args: [file('x.ts', text), {}],
    run: pa.readTimeSeries,
  }),
  readCsv: () => ({
    varies: true,
    args: [file('x.csv', 'label,t0,t1\na,1,2\nb,3,4\n'), {}],
    run: pa.readCsv,
  }),
  readUcr: () => ({
    varies: true,
    args: [file('x.tsv', '1\t0.5\t2\n2\t3\t4\n'), {}],
    run: pa.readUcr,
  }),
  readArff: () => ({
    legal: true,
    varies: true,
    args: [file('x.arff', '@relation x\n@attribute t0 numeric\n@attribute c {a,b}\n@data\n1,a\n2,b\n'), {}],
    run: pa.readArff,
  }),
  readIdx: () => ({
    legal: true,
    varies: true,
    args: [file('x.idx', idx([2, 2], [1, 2, 3, 4]))],
    run: pa.readIdx,
  }),
  readImages: () => ({
    legal: true,
    varies: true,
    args: [file('i.idx', idx([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])), file('l.idx', idx([2], [0, 1]))],
    run: pa.readImages,
  }),
  readCifar10: () => ({
    legal: true,
    varies: true,
    args: [[file('c.bin', new Uint8Array(2 * 3073))]],
    run: pa.readCifar10,
  }),
  readListOps: () => ({
    varies: true,
    args: [file('x.tsv', 'Source\tTarget\n[MAX 1 2 ]\t2\n')],
    run: pa.readListOps,
  }),
  loadDataset: () => ({ varies: true, args: ['NoSuchSet', {}], run: pa.loadDataset }),
  cacheFolder: () => ({ legal: true, args: [], run: pa.cacheFolder }),
  generateListOps: (rng) => ({
    args: [{ count: 3, seed: rng.integer(0, 9), minimum: 5, maximum: 20 }],
    run: bounded(pa.generateListOps, 2000),
  }),
  evaluateListOps: () => ({ legal: true, args: ['[MAX 1 [MIN 4 2 ] ]'], run: pa.evaluateListOps }),
  tokenizeListOps: () => ({ legal: true, args: ['[MAX 1 [MIN 4 2 ] ]'], run: pa.tokenizeListOps }),
  batches: (rng) => ({
    legal: true,
    args: [anyData(rng), { batchSize: 2, length: 6 }],
    run: bounded((...args: Parameters<typeof pa.batches>) => [...pa.batches(...args)].map(({ labels }) => labels)),
  }),
  shiftImages: (rng) => ({
    args: [1, imageData(rng), 3],
    run: (pixels: number, data: pa.LabelledImages, seed: number) => {
      const [batch] = pa.batches(data, { batchSize: 2 });
      return pa.shiftImages(pixels)(batch, seed);
    },
  }),
  parseTimeTable: () => ({
    args: [new TextEncoder().encode(timeTable), 'a table', {}],
    run: pa.parseTimeTable,
  }),
  readTimeTable: () => ({ legal: true, varies: true, args: [file('t.csv', timeTable), {}], run: pa.readTimeTable }),
  loadForecast: () => ({
    varies: true,
    args: [file('f.csv', timeTable), { length: 2, horizon: 1 }],
    run: bounded(pa.loadForecast),
  }),
  forecastDataset: (rng) => ({
    legal: true,
    args: ['a table', 'x', timeTableOf(rng), { length: 3, horizon: 2 }],
    run: bounded(pa.forecastDataset),
  }),
  forecastWindows: (rng) => {
    const { values, channelNames } = timeTableOf(rng);
    return {
      legal: true,
      args: [{ values, channelNames, length: 3, horizon: 2 }],
      run: bounded(pa.forecastWindows),
    };
  },
  targetStatistics: (rng) => ({ legal: true, args: [[...rng.normals(5)]], run: pa.targetStatistics }),
  regressionScores: (rng) => ({
    legal: true,
    args: [[...rng.normals(5)], [...rng.normals(5)]],
    run: pa.regressionScores,
  }),
  randomSplit: (rng) => ({ args: [anyData(rng), 0.5, 3], run: pa.randomSplit }),
  stratifiedSplit: (rng) => ({ args: [anyData(rng), 0.5, 3], run: pa.stratifiedSplit }),
  subset: (rng) => ({ legal: true, args: [anyData(rng), [0, 2, 1]], run: pa.subset }),
  channelStatistics: (rng) => ({ legal: true, args: [anyData(rng)], run: pa.channelStatistics }),
  standardize: (rng) => {
    const data = seriesData(rng);
    return { legal: true, args: [data, pa.channelStatistics(data)], run: pa.standardize };
  },
  resample: (rng) => ({
    legal: true,
    args: [seriesData(rng), 5],
    run: bounded(pa.resample),
  }),
  kindOf: (rng) => ({ legal: true, args: [anyData(rng)], run: pa.kindOf }),
  longest: (rng) => ({ legal: true, args: [seriesData(rng), tokenData(rng)], run: pa.longest }),
  confusionMatrix: () => ({
    legal: true,
    args: [[0, 1, 1], [0, 1, 0], 2],
    run: bounded(pa.confusionMatrix, 1000),
  }),
  classScores: () => ({
    legal: true,
    args: [
      [
        [2, 1],
        [0, 3],
      ],
    ],
    run: pa.classScores,
  }),
  macroF1: () => ({
    legal: true,
    args: [
      [
        [2, 1],
        [0, 3],
      ],
    ],
    run: pa.macroF1,
  }),
  attentionFlops: () => ({
    legal: true,
    args: [
      { batch: 2, heads: 2, keyHeads: 1, queries: 5, keys: 7, headWidth: 4, valueWidth: 3 },
      { causal: true, keyLengths: [7, 3] },
    ],
    run: bounded(pa.attentionFlops),
  }),
  fitSupportVectors: (rng) => ({
    args: [
      normals(rng, 4, 2),
      normals(rng, 4, 1),
      { kernel: rng.pick(['softmax', 'linear']), C: 1, epsilon: 0.1, kernelScale: 1 },
    ],
    run: bounded((...args: Parameters<typeof pa.fitSupportVectors>) => {
      const { dual, bias, supportIndices } = pa.fitSupportVectors(...args);
      return [dual, bias, supportIndices];
    }),
  }),
};
