import type { Columns } from '../report/html.js';
import { counted } from '../checks/counted.js';
import { distinct } from './distinct.js';
import type { Protocol } from './runConfig.js';
import { type Spread, spreadOf } from './spreadOf.js';
import type { PairedTest, SummaryRow } from './summary.js';

const perCent = (share: number) => (100 * share).toFixed(1);

/** 0.987 and 0.003 as '98.7 ± 0.3'; a single value without a spread; '' for null. */
export function accuracyText(spread: Spread | null): string {
  if (!spread) return '';
  return spread.std === null ? perCent(spread.mean) : `${perCent(spread.mean)} ± ${perCent(spread.std)}`;
}

/** The comparison's table: accuracies on the test part in percent. */
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

/** A data set with its rows by form; the last one the means over all data sets. */
export interface FormsRow {
  data: string;
  last: Map<string, Spread>;
}

/** Accuracy after the last epoch, data sets x forms. A mean is given for the forms that every data set has. */
export function formsTable(summary: readonly SummaryRow[]): Columns<FormsRow> & { rows: FormsRow[] } {
  const forms = distinct(summary.map(({ form }) => form));
  const rows = distinct(summary.map(({ data }) => data)).map((data): FormsRow => {
    const own = summary.filter((row) => row.data === data);
    return { data, last: new Map(own.map(({ form, testAccuracy }) => [form, testAccuracy.last])) };
  });
  const complete = forms.filter((form) => rows.every(({ last }) => last.has(form)));
  const meanOf = (form: string) => spreadOf(rows.map(({ last }) => last.get(form)!.mean)).mean;
  const mean = { data: 'mean', last: new Map(complete.map((form) => [form, { mean: meanOf(form), std: null }])) };
  return {
    columns: [
      ['test accuracy, last epoch', -1, ({ data }) => data],
      ...forms.map((form) => [form, 1, ({ last }: FormsRow) => accuracyText(last.get(form) ?? null)] as const),
    ],
    rows: rows.length > 1 ? [...rows, mean] : rows,
  };
}

/** The tests against the baseline: differences in percentage points. */
export const testColumns: Columns<PairedTest> = {
  columns: [
    ['attention', -1, ({ form, baseline }) => `${form} minus ${baseline}`],
    ['figure', -1, ({ at }) => (at === 'last' ? 'last epoch' : 'chosen on validation')],
    ['pairs', 1, ({ pairs, over }) => counted(pairs, over === 'runs' ? 'run' : 'data set')],
    ['difference', 1, ({ difference }) => accuracyText(difference)],
    ['95 % interval', 1, ({ interval }) => (interval ? interval.map(perCent).join(' to ') : '')],
    ['p', 1, ({ p }) => (p === null ? '' : p.toPrecision(2))],
    ['p (Holm)', 1, ({ pHolm }) => (pHolm === null ? '' : pHolm.toPrecision(2))],
  ],
};

/**
 * What has to be known to read the tables.
 *
 * @param protocol the comparison's
 * @param runs of a form on a data set, at most
 * @param tests those that are shown
 */
export function notesOf({ validation, epochs }: Protocol, runs: number, tests: readonly PairedTest[]): string[] {
  const spread = runs > 1 ? ', mean ± sample standard deviation over seeds' : '';
  const notes = [
    `Accuracies are percentages of the test part${spread}. Seconds are the time per ` +
      `run of training on the whole training part for ${counted(epochs, 'epoch')}.`,
  ];
  if (validation > 0) {
    notes.push(
      `Chosen on validation: a separate training, without ${Math.round(100 * validation)} % of the training part, chooses ` +
        'the number of epochs; the accuracy is that of the model trained on the whole part for that many epochs.',
    );
  }
  notes.push(
    'Best on test is, for each run, the best accuracy of any epoch on the test part itself, so it is biased upwards: it ' +
      'is given for comparison with publications that report it.',
  );
  if (tests.length > 0) {
    const pairs = Math.max(...tests.map((test) => test.pairs));
    const count = tests.filter(({ over }) => over === 'runs').length;
    notes.push(
      `p: Fisher's randomisation test of the differences, paired by data set and seed, two-sided; p (Holm) is corrected for ` +
        `the ${counted(count, 'test')} of the table over runs, or those over data sets. ` +
        (tests.some(({ interval }) => interval)
          ? 'The interval is that of the differences which the test does not reject. '
          : '') +
        `With ${pairs} pairs p cannot be below ${(2 / 2 ** pairs).toPrecision(2)}` +
        (pairs < 6 ? ', so these runs are too few to tell forms apart.' : '.') +
        ' Seeds of one data set share its test part: a test over data sets, which takes the mean over seeds of each, says ' +
        'more about other data sets.',
    );
  }
  return notes;
}
