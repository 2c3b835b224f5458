import { pickProperties } from '../pickProperties.js';
import { charts, escapeHtml, htmlPage, orWarning, paragraph, tableHtml, warning } from '../report/html.js';
import { markdownTable } from '../report/markdownTable.js';
import { trainingDefaults } from '../training/trainingOptions.js';
import type { Arithmetic } from './arithmetic.js';
import { sizeNames } from './classifierSizes.js';
import { curvesCharts, scoreCharts } from './comparisonCharts.js';
import { formsTable, notesOf, summaryColumns, tableRows, type TaskFigures, testColumns } from './comparisonTables.js';
import type { DataBaseline } from './dataBaselines.js';
import { distinct } from './distinct.js';
import { machineNotes } from './machineNotes.js';
import type { Comparison } from './compareForms.js';
import type { BestModel } from './keepBest.js';
import { type PairedTest, testAgainst } from './pairedTests.js';
import { forecastNames, type Protocol } from './runConfig.js';
import { summarize, type SummaryRow } from './summary.js';

export interface ReportInput extends Comparison {
  protocol: Protocol;
  /** Form that the others are tested against. */
  baseline: string;
  /** Simple rules beside the forms. */
  baselines: readonly DataBaseline[];
  best: readonly BestModel[];
  /** What this machine computes with. */
  own: Arithmetic;
}

/** What a comparison found, as its reports and its document have it. */
export interface ComparisonFigures {
  summary: SummaryRow[];
  tests: PairedTest[];
}

/** Tests of many pairs take seconds: this is to be called once. */
export function comparisonFigures({ records, baseline }: Pick<ReportInput, 'records' | 'baseline'>): ComparisonFigures {
  return { summary: summarize(records), tests: testAgainst(baseline, records) };
}

/** What both reports show of each task. A single pair is no test: its difference can be read from the table. */
function tasksOf({ baselines }: ReportInput, { summary, tests }: ComparisonFigures): TaskFigures[] {
  return distinct(summary.map(({ task }) => task)).map((task) => ({
    task,
    summary: summary.filter((row) => row.task === task),
    tests: tests.filter((test) => test.task === task && test.p !== null),
    baselines: baselines.filter((rule) => rule.task === task),
  }));
}

const NOTHING = 'No run has finished.';

/** The tables and how to read them, as Markdown. */
export function comparisonMarkdown(input: ReportInput, figures = comparisonFigures(input)): string {
  if (input.records.length === 0) return NOTHING;
  const parts = tasksOf(input, figures).flatMap((found) => {
    const { task, summary, tests, baselines } = found;
    const forms = formsTable(task, summary);
    return [
      markdownTable(forms, forms.rows),
      markdownTable(summaryColumns(task), tableRows(summary, baselines)),
      ...(tests.length > 0 ? [markdownTable(testColumns, tests)] : []),
      ...notesOf(input.protocol, found),
    ];
  });
  return [...parts, ...machineNotes(input.records, input.own)].join('\n\n');
}

/** The part of the page about a task. */
async function taskHtml(input: ReportInput, found: TaskFigures): Promise<string[]> {
  const { task, summary, tests, baselines } = found;
  const records = input.records.filter(({ config }) => config.task === task);
  const forms = formsTable(task, summary);
  return [
    tableHtml(forms, forms.rows),
    tableHtml(summaryColumns(task), tableRows(summary, baselines)),
    ...notesOf(input.protocol, found).map(paragraph),
    await orWarning('The charts of scores', async () => charts(await scoreCharts(task, records, baselines))),
    await orWarning('The charts of epochs', async () => charts(await curvesCharts(task, records))),
    ...(tests.length > 0 ? [`<h2>Against ${escapeHtml(input.baseline)}</h2>`, tableHtml(testColumns, tests)] : []),
  ];
}

/** The comparison as a page: charts, tables, how to read them, and the protocol. */
export async function comparisonPage(input: ReportInput, figures = comparisonFigures(input)): Promise<string> {
  const { records, failed, protocol, best, own } = input;
  const warnings = failed.map(({ data, form, seed, error }) =>
    warning(`${data}, ${form}, seed ${seed} failed: ${error}`),
  );
  const results = await Promise.all(tasksOf(input, figures).map((found) => taskHtml(input, found)));
  const listed = (values: object) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  const settings = new Map(
    records.map(({ config }) => [config.data, pickProperties(config, [...sizeNames, 'patchSize', ...forecastNames])]),
  );
  return htmlPage(
    'Forms of attention compared',
    [
      ...warnings,
      ...(records.length === 0 ? [paragraph(NOTHING)] : results.flat()),
      ...machineNotes(records, own).map(paragraph),
      ...(best.length > 0 ? ['<h2>Best models</h2>'] : []),
      ...best.map(({ data, form, seed, chosen, folder }) =>
        paragraph(`${data}: ${form}, seed ${seed}, in ${folder}. Chosen by the ${chosen}.`),
      ),
      '<h2>Protocol</h2>',
      paragraph(`${listed(protocol)}; RAdam, gradients clipped to a global norm of ${trainingDefaults.clipNorm}.`),
      ...[...settings].map(([data, values]) => paragraph(`${data}: ${listed(values)}.`)),
    ].join('\n'),
  );
}
