// What the softmax part costs for a score: scale, maximum, exp, sum, and rescaling of the sums of values.

import { fourDigits, percent, Table } from '../format.js';
import { Child } from '../processes/childProcess.js';
import { spread } from '../../src/analysis/timing.js';
import { takeTurns } from '../processes/turns.js';
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
export async function benchSoftmax({ configurations, effort, log }: Settings): Promise<SoftmaxDocument> {
  const builds = [...new Set(configurations.map(({ build }) => build))];
  const children = builds.map((build) => Child.start({ threads: 1, build }));
  const results: Result[] = [];
  try {
    log(softmaxTable.header);
    for (const width of WIDTHS) {
      const facts: SoftmaxFacts[] = [];
      for (const child of children) {
        facts.push(await child.open<SoftmaxFacts>(new URL('ours.js', import.meta.url), width, effort.warmUp));
      }
      const timings = await takeTurns(children, effort);
      timings.forEach(({ softmax, copies }, index) => {
        const perScore = 1e6 / facts[index].scores;
        const result = {
          ...{ build: builds[index], width, spread: spread(softmax) },
          nanoseconds: (softmax.median - copies.median) * perScore,
          copying: copies.median * perScore,
        };
        results.push(result);
        log(softmaxTable.line(result));
      });
      for (const child of children) await child.close();
    }
  } finally {
    for (const child of children) child.stop();
  }
  return { results };
}
