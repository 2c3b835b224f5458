import { distinct } from './distinct.js';
import { holm } from './holm.js';
import type { RunRecord } from './runStore.js';
import { signFlipInterval, signFlipTest } from './signFlipTest.js';
import { type Spread, spreadOf } from './spreadOf.js';

/** A data set and form over its seeds. Accuracies are from 0 to 1. */
export interface SummaryRow {
  data: string;
  form: string;
  runs: number;
  parameters: number;
  /** Mean of the runs' seconds of training. */
  seconds: number;
  testAccuracy: {
    last: Spread;
    /** null without validation. */
    validation: Spread | null;
    /** Biased upwards: the test part itself chose the epoch. */
    best: Spread;
  };
}

/** What a test takes as a pair: two runs of the same data set and seed, or a data set's means over seeds. */
export type PairsOf = 'runs' | 'data sets';

/** A form against the baseline. */
export interface PairedTest {
  form: string;
  baseline: string;
  /** Which accuracy. */
  at: 'last' | 'validation';
  over: PairsOf;
  pairs: number;
  /** Form less baseline, of accuracies from 0 to 1; null without pairs. */
  difference: Spread | null;
  /** 95 % interval of the mean difference, see signFlipInterval; null with fewer than six pairs. */
  interval: [low: number, high: number] | null;
  /** Two-sided, see signFlipTest; null with fewer than two pairs. */
  p: number | null;
  /** Corrected by Holm's method for all tests of the comparison over the same kind of pairs. */
  pHolm: number | null;
}

/** The rows of the comparison's table, in the order in which data sets and forms first come. */
export function summarize(records: readonly RunRecord[]): SummaryRow[] {
  const forms = distinct(records.map(({ config }) => config.form));
  const pairs = distinct(records.map(({ config }) => config.data)).flatMap((data) => forms.map((form) => [data, form]));
  return pairs.flatMap(([data, form]) => {
    const runs = records.filter(({ config }) => config.data === data && config.form === form);
    if (runs.length === 0) return [];
    const chosen = runs.flatMap(({ testAccuracy: { validation } }) => validation ?? []);
    return {
      data,
      form,
      runs: runs.length,
      parameters: runs[0].parameters,
      seconds: spreadOf(runs.map(({ seconds }) => seconds)).mean,
      testAccuracy: {
        last: spreadOf(runs.map(({ testAccuracy }) => testAccuracy.last)),
        validation: chosen.length > 0 ? spreadOf(chosen) : null,
        best: spreadOf(runs.map(({ testAccuracy }) => testAccuracy.best)),
      },
    };
  });
}

/** Differences of the pairs of a form and the baseline, by data set. */
function differencesOf(
  records: readonly RunRecord[],
  { form, baseline, at }: Pick<PairedTest, 'form' | 'baseline' | 'at'>,
): number[][] {
  const byData = new Map<string, number[]>();
  for (const { config, testAccuracy } of records) {
    const { data, seed } = config;
    const pair = records.find((other) => {
      return other.config.form === baseline && other.config.data === data && other.config.seed === seed;
    });
    if (config.form !== form || !pair) continue;
    const own = byData.get(data) ?? [];
    byData.set(data, own);
    own.push(testAccuracy[at]! - pair.testAccuracy[at]!);
  }
  return [...byData.values()];
}

/**
 * Tests every other form against the baseline: over all runs, and, of several data sets, over these. The best over test epochs
 * is left out, as it is no fair figure.
 *
 * @param baseline name of the form; without a finished run of it there are no pairs
 */
export function testAgainst(baseline: string, records: readonly RunRecord[]): PairedTest[] {
  const others = distinct(records.map(({ config }) => config.form)).filter((form) => form !== baseline);
  const withValidation = records.some(({ testAccuracy }) => testAccuracy.validation !== null);
  const figures = withValidation ? (['last', 'validation'] as const) : (['last'] as const);
  const hasSeveral = distinct(records.map(({ config }) => config.data)).length > 1;
  const kinds: readonly PairsOf[] = hasSeveral ? ['runs', 'data sets'] : ['runs'];
  return kinds.flatMap((over) => {
    const tests = figures.flatMap((at) =>
      others.map((form) => {
        const bySet = differencesOf(records, { form, baseline, at });
        const differences = over === 'runs' ? bySet.flat() : bySet.map((own) => spreadOf(own).mean);
        const pairs = differences.length;
        return {
          ...{ form, baseline, at, over, pairs },
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
