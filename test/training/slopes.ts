import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TimeSeriesData } from '../../src/data/timeSeries.js';
import { timeSeriesClassifier } from '../../src/models/timeSeriesClassifier.js';
import { uniform } from '../../src/random.js';

/** Noisy rising (0) and falling (1) series of 3 to 6 positions, one channel. */
export function slopes(cases: number, seed: number): TimeSeriesData {
  const next = uniform(seed);
  const labels = Array.from({ length: cases }, (_, index) => index % 2);
  const lengths = labels.map(() => 3 + Math.floor(4 * next()));
  const series = labels.map((label, i) =>
    Float32Array.from({ length: lengths[i] }, (_, t) => (label === 0 ? t - 2 : 2 - t) / 2 + 0.4 * (next() - 0.5)),
  );
  return { series, lengths, channels: 1, labels, classNames: ['up', 'down'] };
}

/** A small classifier of slopes. */
export const makeClassifier = (seed = 1) =>
  timeSeriesClassifier({ channels: 1, length: 6, classes: 2, width: 8, feedForward: 16, heads: 2, layers: 1, seed });

/** All weights, running statistics too. */
export const weightsOf = (model: LayersModel) => model.weights.flatMap((weight) => [...weight.read().dataSync()]);
