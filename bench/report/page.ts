// The report: one page that needs nothing else.

import type { AnyModelsDocument } from '../anyModel/run.js';
import type { CurvesDocument } from '../curves/run.js';
import type { KernelsDocument } from '../kernels/run.js';
import type { PeersDocument } from '../peers/run.js';
import { describe, type Machine } from '../../src/benchmarks/machine.js';
import type { PredictDocument } from '../predict/run.js';
import type { SoftmaxDocument } from '../softmax/run.js';
import type { ProfileDocument } from '../steps/profileRun.js';
import type { StepsDocument } from '../steps/run.js';
import type { TilesDocument } from '../tiles/run.js';
import type { ValuesDocument } from '../values/run.js';
import { escapeHtml, htmlPage } from '../../src/report/html.js';
import {
  anyModelsSection,
  curvesSection,
  kernelsSection,
  peersSection,
  predictSection,
  profileSection,
  softmaxSection,
  stepsSection,
  tilesSection,
  valuesSection,
} from './sections.js';

/** What a run gives, and --json prints. */
export interface Document {
  machine: Machine;
  /** That repeats it. */
  command: string;
  date: string;
  builds: string[];
  /** Fewer repetitions: not to be quoted. */
  quick: boolean;
  steps?: StepsDocument;
  peers?: PeersDocument;
  kernels?: KernelsDocument;
  softmax?: SoftmaxDocument;
  tiles?: TilesDocument;
  values?: ValuesDocument;
  predict?: PredictDocument;
  curves?: CurvesDocument;
  tfjs?: AnyModelsDocument;
  profile?: ProfileDocument;
}

async function sectionsOf({
  machine,
  steps,
  peers,
  kernels,
  softmax,
  tiles,
  values,
  predict,
  curves,
  tfjs,
  profile,
  ...run
}: Document): Promise<string> {
  const sections = [
    steps && (await stepsSection(steps)),
    peers && (await peersSection(peers)),
    curves && (await curvesSection(curves, machine)),
    tfjs && anyModelsSection(tfjs),
    profile && (await profileSection(profile)),
    softmax && softmaxSection(softmax),
    tiles && tilesSection(tiles),
    values && valuesSection(values),
    predict && predictSection(predict),
    kernels && (await kernelsSection(kernels)),
  ];
  const origin =
    `<p class="run">${escapeHtml(describe(machine))}; builds: ${escapeHtml(run.builds.join(', '))}; ` +
    `${escapeHtml(run.date.slice(0, 10))}<br><code>${escapeHtml(run.command)}</code></p>`;
  const warning = run.quick
    ? '<p class="warning">A run with --quick: it shows that things work; do not quote it.</p>'
    : '';
  // Origin and warning go with the measurements, below each heading.
  const headed = sections
    .filter((section) => section !== undefined)
    .map((section) => {
      return section.replace('</h2>', `</h2>\n${origin}${warning}`);
    });
  return headed.join('\n');
}

/** The page for what one or several runs measured. */
export async function page(documents: readonly Document[]): Promise<string> {
  const sections: string[] = [];
  for (const document of documents) sections.push(await sectionsOf(document));
  return htmlPage(
    'primal-attention: benchmark',
    `<p>Times are medians; ± is half the distance between the quartiles. What is compared took turns in the same run. The command below each heading repeats it.</p>
${sections.join('\n')}`,
  );
}
