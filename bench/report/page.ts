// The report: one page that needs nothing else.

import type { CurvesDocument } from '../curves/run.js';
import type { KernelsDocument } from '../kernels/run.js';
import type { PeersDocument } from '../peers/run.js';
import { describe, type Machine } from '../processes/machine.js';
import type { ProfileDocument } from '../steps/profileRun.js';
import type { StepsDocument } from '../steps/run.js';
import { escapeHtml } from './html.js';
import { curvesSection, kernelsSection, peersSection, profileSection, stepsSection } from './sections.js';

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
  curves?: CurvesDocument;
  profile?: ProfileDocument;
}

const style = `
body { font: 15px/1.5 Helvetica, Arial, sans-serif; color: #222; background: white; max-width: 1120px; margin: 32px auto; padding: 0 24px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 20px; margin: 44px 0 8px; border-bottom: 1px solid #ddd; padding-bottom: 4px; }
code { background: #f3f4f6; padding: 2px 6px; border-radius: 4px; font-size: 13px; }
svg { display: block; max-width: 100%; height: auto; margin: 16px 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 12px 0; }
th, td { padding: 3px 10px; text-align: left; white-space: nowrap; border-bottom: 1px solid #eee; }
th { border-bottom: 2px solid #bbb; } .number { text-align: right; font-variant-numeric: tabular-nums; }
.ours td { font-weight: 600; } .theirs td { background: #fdf1dc; }
.warning { background: #fdf1dc; border-left: 4px solid #E69F00; padding: 8px 12px; }
details { margin: 6px 0; } summary { cursor: pointer; } .run { color: #555; font-size: 13px; margin: 4px 0; }`;

async function sectionsOf({ machine, steps, peers, kernels, curves, profile, ...run }: Document): Promise<string> {
  const sections = [
    steps && (await stepsSection(steps)),
    peers && (await peersSection(peers)),
    curves && (await curvesSection(curves, machine)),
    profile && (await profileSection(profile)),
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
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>primal-attention: benchmark</title>
<style>${style}
</style>
</head>
<body>
<h1>primal-attention: benchmark</h1>
<p>Times are medians; ± is half the distance between the quartiles. What is compared took turns in the same run. The command below each heading repeats it.</p>
${sections.join('\n')}
</body>
</html>
`;
}
