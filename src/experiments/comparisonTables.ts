import type { Columns } from '../report/html.js';
import type { Protocol } from './runConfig.js';
import type { Spread } from './statistics.js';
import type { PairedTest, SummaryRow } from './summary.js';

const perCent = (part: number) => (100 * part).toFixed(1);

/** 0.987 and 0.003 as '98.7 ± 0.3'; a single value without a spread; '' for null. */
export function accuracyText(spread: Spread | null): string {
  if (!spread) return '';
  return spread.std === null ? perCent(spread.mean) : `${perCent(spread.mean)} ± ${perCent(spread.std)}`;
}

/** The comparison's table: accuracies on the test part in per cent. */
export const summaryColumns: Columns<SummaryRow> = {
  columns: [
    ['data', -1, ({ data }) => data],
    ['attention', -1, ({ form }) => form],
    ['runs', 1, ({ runs }) => String(runs)],
    ['last epoch', 1, ({ testAccuracy }) => accuracyText(testAccuracy.last)],
    ['chosen on validation', 1, ({ testAccuracy }) => accuracyText(testAccuracy.validation)],
    ['best on test (biased)', 1, ({ testAccuracy }) => accuracyText(testAccuracy.best)],
    ['parameters', 1, ({ parameters }) => String(parameters)],
    ['seconds', 1, ({ seconds }) => seconds.toFixed(1)],
  ],
};

/** The tests against the baseline: differences in points of per cent. */
export const testColumns: Columns<PairedTest> = {
  columns: [
    ['attention', -1, ({ form, baseline }) => `${form} less ${baseline}`],
    ['figure', -1, ({ at }) => (at === 'last' ? 'last epoch' : 'chosen on validation')],
    ['pairs', 1, ({ pairs }) => String(pairs)],
    ['difference', 1, ({ difference }) => accuracyText(difference)],
    ['p', 1, ({ p }) => (p === null ? '' : p.toPrecision(2))],
  ],
};

/** What has to be known to read the tables. */
export function notesOf({ validation, epochs }: Protocol, tests: readonly PairedTest[]): string[] {
  const notes = [
    'Accuracies are per cent of the test part, mean ± sample standard deviation over seeds. Seconds are those of ' +
      `training on the whole training part, ${epochs} epochs, per run.`,
  ];
  if (validation > 0) {
    notes.push(
      `Chosen on validation: a training of its own, without ${Math.round(100 * validation)} % of the training part, ` +
        'chooses the number of epochs; the figure is that of the model trained on the whole part for so long.',
    );
  }
  notes.push(
    'Best on test takes, for each run, the epoch that did best on the test part itself, so it is biased upwards: it is ' +
      'there to compare with publications that report it.',
  );
  const pairs = Math.max(0, ...tests.map((test) => test.pairs));
  if (pairs > 0) {
    notes.push(
      `p: Fisher's randomisation test of the differences, paired by data set and seed, two-sided, not corrected for ` +
        `the number of tests. With ${pairs} pairs it cannot be below ${(2 / 2 ** pairs).toPrecision(2)}` +
        (pairs < 6 ? ', so these runs are too few to tell forms apart.' : '.') +
        ' Seeds of one data set share its test part, so they say less about other data sets than as many sets would.',
    );
  }
  return notes;
}
