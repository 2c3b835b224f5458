import { pickProperties } from '../pickProperties.js';
import { charts, escapeHtml, htmlPage, orWarning, paragraph, tableHtml, warning } from '../report/html.js';
import { markdownTable } from '../report/markdownTable.js';
import { trainingDefaults } from '../training/trainingOptions.js';
import type { Arithmetic } from './arithmetic.js';
import { sizeNames } from './classifierSizes.js';
import { accuracyCharts, curvesCharts } from './comparisonCharts.js';
import { formsTable, notesOf, summaryColumns, testColumns } from './comparisonTables.js';
import { machineNotes } from './machineNotes.js';
import type { Comparison } from './compareForms.js';
import type { BestModel } from './keepBest.js';
import type { Protocol } from './runConfig.js';
import { type PairedTest, summarize, type SummaryRow, testAgainst } from './summary.js';

export interface ReportInput extends Comparison {
  protocol: Protocol;
  /** Form that the others are tested against. */
  baseline: string;
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

/** What both reports show. A single pair is no test: its difference can be read from the table. */
function shownOf({ records, protocol, own }: ReportInput, { summary, tests: all }: ComparisonFigures) {
  const tests = all.filter(({ p }) => p !== null);
  return {
    summary,
    forms: formsTable(summary),
    tests,
    notes: [...notesOf(protocol, Math.max(...summary.map(({ runs }) => runs)), tests), ...machineNotes(records, own)],
  };
}

const NOTHING = 'No run has finished.';

/** The tables and how to read them, as Markdown. */
export function comparisonMarkdown(input: ReportInput, figures = comparisonFigures(input)): string {
  if (input.records.length === 0) return NOTHING;
  const { summary, forms, tests, notes } = shownOf(input, figures);
  return [
    markdownTable(forms, forms.rows),
    markdownTable(summaryColumns, summary),
    ...(tests.length > 0 ? [markdownTable(testColumns, tests)] : []),
    ...notes,
  ].join('\n\n');
}

/** The comparison as a page: charts, tables, how to read them, and the protocol. */
export async function comparisonPage(input: ReportInput, figures = comparisonFigures(input)): Promise<string> {
  const { records, failed, protocol, baseline, best } = input;
  const { summary, forms, tests, notes } = shownOf(input, figures);
  const warnings = failed.map(({ data, form, seed, error }) =>
    warning(`${data}, ${form}, seed ${seed} failed: ${error}`),
  );
  const results =
    records.length === 0
      ? [paragraph(NOTHING)]
      : [
          tableHtml(forms, forms.rows),
          tableHtml(summaryColumns, summary),
          ...notes.map(paragraph),
          await orWarning('The charts of accuracies', async () => charts(await accuracyCharts(records))),
          await orWarning('The charts of epochs', async () => charts(await curvesCharts(records))),
        ];
  const listed = (values: object) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  const sizes = new Map(records.map(({ config }) => [config.data, pickProperties(config, sizeNames)]));
  return htmlPage(
    'Forms of attention compared',
    [
      ...warnings,
      ...results,
      ...(tests.length > 0 ? [`<h2>Against ${escapeHtml(baseline)}</h2>`, tableHtml(testColumns, tests)] : []),
      ...(best.length > 0 ? ['<h2>Best models</h2>'] : []),
      ...best.map(({ data, form, seed, chosen, folder }) =>
        paragraph(`${data}: ${form}, seed ${seed}, in ${folder}. Chosen by the ${chosen}.`),
      ),
      '<h2>Protocol</h2>',
      paragraph(`${listed(protocol)}; RAdam, gradients clipped to a global norm of ${trainingDefaults.clipNorm}.`),
      ...[...sizes].map(([data, values]) => paragraph(`${data}: ${listed(values)}.`)),
    ].join('\n'),
  );
}
