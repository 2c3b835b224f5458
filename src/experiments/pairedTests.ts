import type { TaskName } from '../data/modelMetadata.js';
import { scores } from '../training/scores.js';
import type { ComparedScore } from '../training/tasks/comparedScores.js';
import { distinct } from './distinct.js';
import { holm } from './holm.js';
import type { RunRecord } from './runStore.js';
import { signFlipInterval, signFlipTest } from './signFlipTest.js';
import { type Spread, spreadOf } from './spreadOf.js';
import { scoresOfTask } from './summary.js';

/** What a test takes as a pair: two runs of the same data set and seed, or a data set's means over seeds. */
export type PairsOf = 'runs' | 'data sets';

/** A form against the baseline, on the data sets of a task. */
export interface PairedTest {
  task: TaskName;
  form: string;
  baseline: string;
  /** Of which epoch. */
  at: 'last' | 'validation';
  /** What is compared. */
  score: ComparedScore;
  over: PairsOf;
  pairs: number;
  /**
   * Form less baseline; null without pairs. Of shares, such as accuracies, from -1 to 1; of errors, whose units differ from data
   * set to data set, by the baseline's: -0.1 is a tenth less.
   */
  difference: Spread | null;
  /** 95 % interval of the mean difference, see signFlipInterval; null with fewer than six pairs. */
  interval: [low: number, high: number] | null;
  /** Two-sided, see signFlipTest; null with fewer than two pairs. */
  p: number | null;
  /** Corrected by Holm's method for all tests of the task over the same kind of pairs. */
  pHolm: number | null;
}

/** A score against another one: the difference, or of errors its share of the other. */
export function differenceOf(score: ComparedScore, own: number, other: number): number {
  if (scores[score].better === 'higher' || own === other) return own - other;
  return other === 0 ? 1 : (own - other) / other;
}

/** Differences of the pairs of a form and the baseline, by data set. */
function differencesOf(
  records: readonly RunRecord[],
  { form, baseline, at, score }: Pick<PairedTest, 'form' | 'baseline' | 'at' | 'score'>,
): number[][] {
  const byData = new Map<string, number[]>();
  for (const { config, test } of records) {
    if (config.form !== form) continue;
    const { data, seed } = config;
    const pair = records.find((other) => {
      return other.config.form === baseline && other.config.data === data && other.config.seed === seed;
    });
    if (!pair) continue;
    const own = byData.get(data) ?? [];
    byData.set(data, own);
    own.push(differenceOf(score, test[at]![score]!, pair.test[at]![score]!));
  }
  return [...byData.values()];
}

function testsOf(task: TaskName, baseline: string, records: readonly RunRecord[]): PairedTest[] {
  const others = distinct(records.map(({ config }) => config.form)).filter((form) => form !== baseline);
  const withValidation = records.some(({ test }) => test.validation !== null);
  const figures = withValidation ? (['last', 'validation'] as const) : (['last'] as const);
  const hasSeveral = distinct(records.map(({ config }) => config.data)).length > 1;
  const kinds: readonly PairsOf[] = hasSeveral ? ['runs', 'data sets'] : ['runs'];
  const [score] = scoresOfTask(task);
  return kinds.flatMap((over) => {
    const tests = figures.flatMap((at) =>
      others.map((form) => {
        const bySet = differencesOf(records, { form, baseline, at, score });
        const differences = over === 'runs' ? bySet.flat() : bySet.map((own) => spreadOf(own).mean);
        const pairs = differences.length;
        return {
          ...{ task, form, baseline, at, score, over, pairs },
          difference: pairs > 0 ? spreadOf(differences) : null,
          interval: signFlipInterval(differences),
          p: pairs > 1 ? signFlipTest(differences) : null,
        };
      }),
    );
    const corrected = holm(tests.flatMap(({ p }) => p ?? []));
    return tests.map((test) => ({ ...test, pHolm: test.p === null ? null : corrected.shift()! }));
  });
}

/**
 * Tests every other form against the baseline, by the score that comparisons of a task are about: over all runs, and, of several
 * data sets, over these. The best over test epochs is left out, as it is no fair figure.
 *
 * @param baseline name of the form; without a finished run of it there are no pairs
 */
export function testAgainst(baseline: string, records: readonly RunRecord[]): PairedTest[] {
  return distinct(records.map(({ config }) => config.task)).flatMap((task) =>
    testsOf(
      task,
      baseline,
      records.filter(({ config }) => config.task === task),
    ),
  );
}
