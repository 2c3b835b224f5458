import { counted } from '../checks/counted.js';
import type { Columns } from '../report/html.js';
import { fixed } from '../report/numbers.js';
import type { TaskName } from '../data/modelMetadata.js';
import { type Baseline, verdict } from '../training/baselines/baseline.js';
import { bestOf } from '../training/isBetter.js';
import { scores } from '../training/scores.js';
import type { ComparedScore } from '../training/tasks/comparedScores.js';
import type { DataBaseline } from './dataBaselines.js';
import { distinct } from './distinct.js';
import type { PairedTest } from './pairedTests.js';
import type { Protocol } from './runConfig.js';
import { type Spread, spreadOf } from './spreadOf.js';
import { type ScoreSpreads, scoresOfTask, type SummaryRow } from './summary.js';

const perCent = (share: number) => fixed(100 * share, 1);

/** A score without its unit: shares in per cent. */
const number = (name: ComparedScore, value: number) =>
  name === 'accuracy' ? perCent(value) : scores[name].format(value);

/** A number with a spread, both with the decimals that the spread's first two digits have: '10.50 ± 0.71'. */
function withSpread(mean: number, std: number): string {
  const decimals = std > 0 ? Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(std)))) : 4;
  return `${fixed(mean, decimals)} ± ${std.toFixed(decimals)}`;
}

/** 0.987 and 0.003 as '98.7 ± 0.3' where it is a share; a single value without a spread; '' for null. */
export function spreadText(name: ComparedScore, spread: Spread | null | undefined): string {
  if (!spread || !Number.isFinite(spread.mean)) return '';
  const { mean, std } = spread;
  if (std === null) return number(name, mean);
  return name === 'accuracy' ? `${perCent(mean)} ± ${perCent(std)}` : withSpread(mean, std);
}

const threeDecimals = (spread: Spread) =>
  spread.std === null ? fixed(spread.mean, 3) : `${fixed(spread.mean, 3)} ± ${spread.std.toFixed(3)}`;

/** A row of the comparison's table: a form, or a simple rule. */
type TableRow = SummaryRow | DataBaseline;
const isRule = (row: TableRow): row is DataBaseline => 'name' in row;

/** The scores of a row: a rule has one run. */
function spreadsIn(row: TableRow, at: 'last' | 'validation' | 'best'): ScoreSpreads | null {
  if (!isRule(row)) return row.test[at];
  if (at !== 'last') return null;
  return Object.fromEntries(scoresOfTask(row.task).map((name) => [name, { mean: row[name]!, std: null }]));
}

/** The rows of a task: data set by data set its forms, then the rules beside them. */
export function tableRows(summary: readonly SummaryRow[], rules: readonly DataBaseline[]): TableRow[] {
  return distinct(summary.map(({ data }) => data)).flatMap((data) => [
    ...summary.filter((row) => row.data === data),
    ...rules.filter((rule) => rule.data === data),
  ]);
}

/** The comparison's table: scores on the test part; those besides the first one after the last epoch only. */
export function summaryColumns(task: TaskName): Columns<TableRow> {
  const [main, ...others] = scoresOfTask(task);
  const prefix = task === 'classification' ? '' : `${scores[main].title}, `;
  const ofForms = (text: (row: SummaryRow) => string) => (row: TableRow) => (isRule(row) ? '' : text(row));
  return {
    columns: [
      ['data', -1, ({ data }) => data],
      ['attention', -1, (row) => (isRule(row) ? `(${row.name})` : row.form)],
      ['runs', 1, ofForms(({ runs }) => String(runs))],
      [`${prefix}last epoch`, 1, (row) => spreadText(main, spreadsIn(row, 'last')?.[main])],
      [`${prefix}chosen on validation`, 1, (row) => spreadText(main, spreadsIn(row, 'validation')?.[main])],
      [`${prefix}best on test (biased)`, 1, (row) => spreadText(main, spreadsIn(row, 'best')?.[main])],
      ...others.map(
        (name) =>
          [
            `${scores[name].title}, last epoch`,
            1,
            (row: TableRow) => spreadText(name, spreadsIn(row, 'last')?.[name]),
          ] as const,
      ),
      ['distance of heads', 1, ofForms(({ heads }) => (heads ? threeDecimals(heads.distance) : ''))],
      ['overlap of heads', 1, ofForms(({ heads }) => (heads ? threeDecimals(heads.overlap) : ''))],
      ['parameters', 1, ofForms(({ parameters }) => String(parameters))],
      ['seconds', 1, ofForms(({ seconds }) => seconds.toFixed(1))],
    ],
  };
}

/** A data set with its rows by form; the last one the means over all data sets. */
export interface FormsRow {
  data: string;
  last: Map<string, Spread>;
}

/**
 * What comparisons of a task are about, after the last epoch, data sets x forms. A mean is given for the forms that every data
 * set has, of scores that have no unit.
 */
export function formsTable(task: TaskName, summary: readonly SummaryRow[]): Columns<FormsRow> & { rows: FormsRow[] } {
  const [main] = scoresOfTask(task);
  const forms = distinct(summary.map(({ form }) => form));
  const rows = distinct(summary.map(({ data }) => data)).map((data): FormsRow => {
    const own = summary.filter((row) => row.data === data);
    return { data, last: new Map(own.map(({ form, test }) => [form, test.last[main]!])) };
  });
  const complete = forms.filter((form) => rows.every(({ last }) => last.has(form)));
  const meanOf = (form: string) => spreadOf(rows.map(({ last }) => last.get(form)!.mean)).mean;
  const mean = { data: 'mean', last: new Map(complete.map((form) => [form, { mean: meanOf(form), std: null }])) };
  return {
    columns: [
      [`test ${scores[main].title}, last epoch`, -1, ({ data }) => data],
      ...forms.map((form) => [form, 1, ({ last }: FormsRow) => spreadText(main, last.get(form))] as const),
    ],
    rows: rows.length > 1 && main !== 'rmse' ? [...rows, mean] : rows,
  };
}

/** The tests against the baseline: differences in percentage points, or of errors in per cent. */
export const testColumns: Columns<PairedTest> = {
  columns: [
    ['attention', -1, ({ form, baseline }) => `${form} minus ${baseline}`],
    ['figure', -1, ({ at }) => (at === 'last' ? 'last epoch' : 'chosen on validation')],
    ['pairs', 1, ({ pairs, over }) => counted(pairs, over === 'runs' ? 'run' : 'data set')],
    ['difference', 1, ({ difference }) => spreadText('accuracy', difference)],
    ['95 % interval', 1, ({ interval }) => (interval ? interval.map(perCent).join(' to ') : '')],
    ['p', 1, ({ p }) => (p === null ? '' : p.toPrecision(2))],
    ['p (Holm)', 1, ({ pHolm }) => (pHolm === null ? '' : pHolm.toPrecision(2))],
  ],
};

/** Says of each data set whether the best form does better than the best rule. */
function verdicts(task: TaskName, summary: readonly SummaryRow[], rules: readonly DataBaseline[]): string[] {
  const names = scoresOfTask(task);
  return distinct(rules.map(({ data }) => data)).flatMap((data) => {
    const forms = summary
      .filter((row) => row.data === data)
      .map(({ form, test }): Baseline => {
        return { name: form, ...Object.fromEntries(names.map((name) => [name, test.last[name]!.mean])) };
      });
    const best = bestOf(names[0], forms);
    const own = rules.filter((rule) => rule.data === data);
    return best ? [`${data}: ${verdict(names, { ...best, name: `${best.name}, the best form,` }, own)}`] : [];
  });
}

/** What is in the tables of a task. */
export interface TaskFigures {
  task: TaskName;
  summary: readonly SummaryRow[];
  /** Those that are shown. */
  tests: readonly PairedTest[];
  baselines: readonly DataBaseline[];
}

/** What has to be known to read the tables of a task. */
export function notesOf(
  { validation, epochs, headCases }: Protocol,
  { task, summary, tests, baselines }: TaskFigures,
): string[] {
  const [main] = scoresOfTask(task);
  const { title } = scores[main];
  const runs = Math.max(...summary.map((row) => row.runs));
  const spread = runs > 1 ? ', mean ± sample standard deviation over seeds' : '';
  const what = {
    classification: 'Accuracies are percentages of the test part',
    regression: 'RMSE and MAE are in the units of the targets, on the test part',
    forecasting: 'MSE and MAE are of the standardised numbers of the test part',
  }[task];
  const notes = [
    `${what}${spread}. Seconds are the time per run of training on the whole training part for ${counted(epochs, 'epoch')}.`,
    ...verdicts(task, summary, baselines),
  ];
  if (task === 'forecasting') {
    notes.push(`Chosen on validation: after the epoch of the lowest ${title} on the validation part.`);
  } else if (validation > 0) {
    notes.push(
      `Chosen on validation: a separate training, without ${Math.round(100 * validation)} % of the training part, chooses ` +
        `the number of epochs; the ${title} is that of the model trained on the whole part for that many epochs.`,
    );
  }
  notes.push(
    `Best on test is, for each run, the best ${title} of any epoch on the test part itself, so it is biased ` +
      `${scores[main].better === 'higher' ? 'upwards' : 'downwards'}: it is given for comparison with publications that report it.`,
  );
  if (headCases > 0) {
    notes.push(
      `Heads, after the last epoch, on ${counted(headCases, 'test case')}, mean over pairs and layers: the distance of their ` +
        'outputs, by the norm of an output (larger: less redundant), and the overlap of what they attend to, from 0 to 1 ' +
        '(smaller: less redundant).',
    );
  }
  return tests.length > 0 ? [...notes, testNote(tests)] : notes;
}

function testNote(tests: readonly PairedTest[]): string {
  const [{ score }] = tests;
  const pairs = Math.max(...tests.map((test) => test.pairs));
  const count = tests.filter(({ over }) => over === 'runs').length;
  return (
    `Differences are ${scores[score].better === 'higher' ? 'in percentage points' : `in per cent of the baseline's ${scores[score].title}`}. ` +
    `p: Fisher's randomisation test of them, paired by data set and seed, two-sided; p (Holm) is corrected for ` +
    `the ${counted(count, 'test')} of the table over runs, or those over data sets. ` +
    (tests.some(({ interval }) => interval)
      ? 'The interval is that of the differences which the test does not reject. '
      : '') +
    `With ${pairs} pairs p cannot be below ${(2 / 2 ** pairs).toPrecision(2)}` +
    (pairs < 6 ? ', so these runs are too few to tell forms apart.' : '.') +
    ' Seeds of one data set share its test part: a test over data sets, which takes the mean over seeds of each, says ' +
    'more about other data sets.'
  );
}
