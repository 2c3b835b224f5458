// What the softmax part costs for a score: scale, maximum, exp, sum, and rescaling of the sums of values.

import { fourDigits, percent, Table } from '../format.js';
import { measureBuilds } from '../processes/measureBuilds.js';
import type { Measurement } from '../processes/turns.js';
import { spread } from '../../src/benchmarks/timing.js';
import type { Settings } from '../settings.js';
import type { SoftmaxFacts } from './ours.js';

/** Head widths; the rescaled sums are as wide. */
const WIDTHS = [64, 128];

interface Result {
  build: string;
  width: number;
  /** Nanoseconds a score, and of laying it out, which is not in it. */
  nanoseconds: number;
  copying: number;
  /** Half the distance between the quartiles, as a share. */
  spread: number;
}

export const softmaxTable = new Table<Result>([
  ['build', -7, ({ build }) => build],
  ['head width', 10, ({ width }) => `${width}`],
  ['ns/score', 8, ({ nanoseconds }) => fourDigits(nanoseconds)],
  ['±', 5, (result) => percent(result.spread)],
  ['copying', 8, ({ copying }) => fourDigits(copying)],
]);

export interface SoftmaxDocument {
  results: Result[];
}

/** Measures each build on one thread. */
export async function benchSoftmax(settings: Settings): Promise<SoftmaxDocument> {
  const module = new URL('ours.js', import.meta.url);
  const resultOf = (width: number, { setting, facts, timings }: Measurement<SoftmaxFacts>): Result => {
    const { softmax, copies } = timings;
    const perScore = 1e6 / facts.scores;
    return {
      ...{ build: setting.build, width, spread: spread(softmax) },
      nanoseconds: (softmax.median - copies.median) * perScore,
      copying: copies.median * perScore,
    };
  };
  return { results: await measureBuilds(settings, softmaxTable, module, WIDTHS, resultOf) };
}
