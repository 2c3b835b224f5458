import { charts, folded, htmlPage, paragraph, tableHtml, wideChart } from '../report/html.js';
import { counted } from '../checks/counted.js';
import { percent } from '../report/numbers.js';
import { redundancyCharts, supportCharts } from './headCharts.js';
import type { ModelInspection } from './inspectModel.js';
import {
  costColumns,
  costRows,
  redundancyColumns,
  redundancyRows,
  supportColumns,
  supportRows,
} from './inspectTables.js';
import { mapsChart } from './mapsChart.js';

/** What was inspected. */
export interface InspectionFacts {
  /** The data set. */
  data: string;
  /** Test cases that were averaged over, and how many there are. */
  cases: number;
  available: number;
  /** Share of the weight that the support carries. */
  share: number;
  /** Cases in the batch of the costs. */
  batch: number;
  /** Threads that the costs were measured with: scratch grows with them. */
  threads: number;
  /** What the cases are whose maps are shown: "class 'a'". */
  described: ReadonlyMap<number, string>;
}

const section = (title: string, ...content: string[]) => [`<h2>${title}</h2>`, ...content].join('\n');

/** All maps of a model, case by case. */
async function mapsOf({ label, maps }: ModelInspection, described: InspectionFacts['described']): Promise<string> {
  const cases = [...new Set(maps.map((map) => map.case))];
  const figures: string[] = [];
  for (const index of cases) {
    const own = maps.filter((map) => map.case === index);
    const positions = Math.max(...own.map(({ queries }) => queries));
    const subtitle = `test case ${index + 1}, ${described.get(index)}, ${counted(positions, 'position')}`;
    figures.push(wideChart(await mapsChart(own, `${label}: attention weights`, subtitle)));
  }
  return figures.join('\n');
}

/** The report: a self-contained page. */
export async function inspectPage(models: readonly ModelInspection[], facts: InspectionFacts): Promise<string> {
  const { data, cases, available, share, batch, threads, described } = facts;
  const parameters = models.map(({ label, parameters }) => `${label}: ${counted(parameters, 'parameter')}`).join('; ');
  const maps: string[] = [];
  for (const model of models) maps.push(await mapsOf(model, described));
  const content = [
    paragraph(`${cases} of ${available} test cases of ${data}. ${parameters}.`),
    section(
      'Head redundancy',
      paragraph(
        'The L2 distance between the outputs of two heads, before the output projection mixes them, at each valid ' +
          'position; averaged over positions and cases. Bars are the mean over the pairs of heads of a layer, lines one ' +
          'standard deviation to each side. As distances follow the size of the outputs, the second panel divides them ' +
          'by the norm of an output: 0 for heads that are the same, 1.41 for ones that have nothing in common.',
      ),
      charts(await redundancyCharts(models)),
      paragraph(
        'Overlap of maps: the weight that two heads give to the same positions, mean over queries and cases, mean ± standard ' +
          'deviation over pairs: 1 for heads that attend alike, 0 for ones that look at different positions.',
      ),
      tableHtml(redundancyColumns, redundancyRows(models)),
    ),
    section(
      'Support',
      paragraph(
        `The fewest keys that together carry ${percent(share)} of a query's weight, mean over queries: the support vectors that ` +
          'count. Pale: all keys that the head has. Attention-SH has fewer keys, as each is an average of several positions.',
      ),
      charts(await supportCharts(models)),
      folded(
        'Mean over the heads of a layer, with the entropy of the weights in nats',
        tableHtml(supportColumns, supportRows(models)),
      ),
    ),
    section(
      'Arithmetic and memory against softmax',
      paragraph(
        `A batch of ${counted(batch, 'case')} at full length, next to the same model with softmax attention. Floating-point operations are ` +
          'counted: products and attention, a multiply-add as two. Memory is measured: the most bytes on the heap at one ' +
          `time beside weights and inputs, with ${counted(threads, 'thread')}. No form puts scores of all positions on the heap.`,
      ),
      tableHtml(costColumns, costRows(models)),
    ),
    section(
      'Attention maps',
      paragraph(
        'What each query (row) takes from each position (column). The weight of a key that is an average is divided among ' +
          'its positions, so that heads can be compared; long series are shown in blocks. Padding is left out. ' +
          'Colours are the same in all maps of a figure.',
      ),
      ...maps,
    ),
  ];
  return htmlPage(`primal-attention: inspection of ${models.map(({ label }) => label).join(', ')}`, content.join('\n'));
}
