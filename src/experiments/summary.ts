import { distinct } from './distinct.js';
import type { RunRecord } from './runStore.js';
import { signFlipTest } from './signFlipTest.js';
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

/** A form against the baseline, over the pairs of runs with the same data set and seed. */
export interface PairedTest {
  form: string;
  baseline: string;
  /** Which accuracy. */
  at: 'last' | 'validation';
  pairs: number;
  /** Form less baseline, of accuracies from 0 to 1; null without pairs. */
  difference: Spread | null;
  /** Two-sided, see signFlipTest; null without pairs. */
  p: number | null;
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

/**
 * Tests every other form against the baseline. The best over test epochs is left out, as it is no fair figure.
 *
 * @param baseline name of the form; without a finished run of it there are no pairs
 */
export function testAgainst(baseline: string, records: readonly RunRecord[]): PairedTest[] {
  const others = distinct(records.map(({ config }) => config.form)).filter((form) => form !== baseline);
  const withValidation = records.some(({ testAccuracy }) => testAccuracy.validation !== null);
  const figures = withValidation ? (['last', 'validation'] as const) : (['last'] as const);
  return figures.flatMap((at) =>
    others.map((form) => {
      const differences = records
        .filter(({ config }) => config.form === form)
        .flatMap(({ config: { data, seed }, testAccuracy }) => {
          const pair = records.find(
            ({ config }) => config.form === baseline && config.data === data && config.seed === seed,
          );
          return pair ? [testAccuracy[at]! - pair.testAccuracy[at]!] : [];
        });
      const pairs = differences.length;
      return {
        ...{ form, baseline, at, pairs },
        difference: pairs > 0 ? spreadOf(differences) : null,
        p: pairs > 0 ? signFlipTest(differences) : null,
      };
    }),
  );
}
