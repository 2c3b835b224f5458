// What the page shows of each kind of measurement.

import { type AnyModelsDocument, anyModelsTable } from '../anyModel/run.js';
import { captionOf, curveFigures, type CurvesDocument } from '../curves/run.js';
import { fourDigits, percent } from '../format.js';
import type { Result as KernelResult } from '../kernels/rows.js';
import { kernelTable, type KernelsDocument } from '../kernels/run.js';
import { OURS, peerTable, type PeersDocument } from '../peers/run.js';
import type { Machine } from '../../src/benchmarks/machine.js';
import { softmaxTable, type SoftmaxDocument } from '../softmax/run.js';
import { tilesTable, type TilesDocument } from '../tiles/run.js';
import { type PredictDocument, predictTable } from '../predict/run.js';
import { summaryOf, type ValuesDocument, valuesTable } from '../values/run.js';
import { describeModel } from '../steps/models.js';
import { type Profile, type ProfileDocument, type ProfileLine, profileTable } from '../steps/profileRun.js';
import { type StepResult, type StepsDocument, stepTable } from '../steps/run.js';
import { barChart } from './bars.js';
import { folded, paragraph, tableHtml } from '../../src/report/html.js';

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}

/** Whether results have more than one build, so that each must be named. */
function needBuilds(results: readonly { build: string }[]): boolean {
  return new Set(results.map(({ build }) => build)).size > 1;
}

export async function stepsSection({ models, results, notes }: StepsDocument): Promise<string> {
  const builds = needBuilds(results);
  const chart = (title: string, axis: string, of: (result: StepResult) => number | undefined) => {
    const bars = results.flatMap((result) => {
      const value = of(result);
      if (value === undefined) return [];
      const { model, form, build, threads } = result;
      const label = builds ? `${form}, ${build}` : form;
      return [{ panel: `Step ${model}`, label, series: threadsText(threads), value, text: value.toFixed(1) }];
    });
    return bars.length > 0 ? barChart({ title, axis, bars, columns: 2, width: 340 }) : '';
  };
  return [
    '<h2 id="steps">Training steps</h2>',
    paragraph('Forward, backward and AdamW of a whole classifier of time series, without dropout.'),
    `<ul>${models.map((model) => `<li>${describeModel(model)}</li>`).join('')}</ul>`,
    await chart("Speed against tfjs's own ops on one thread", 'times as fast', ({ tfjs }) => tfjs?.ratio),
    await chart('Arithmetic of the whole step', 'GFLOP/s', ({ gflops }) => gflops),
    tableHtml(stepTable, results),
    ...notes.map((note) => paragraph(note)),
  ].join('\n');
}

export async function peersSection({ results }: PeersDocument): Promise<string> {
  const builds = needBuilds(
    results.filter(({ peer }) => peer === OURS).map(({ version }) => ({ build: version.replace('-shared', '') })),
  );
  const bars = results.map(({ case: panel, peer, version, threads, gflops }) => ({
    panel,
    label: builds && peer === OURS ? `${peer}, ${version.replace('-shared', '')}` : peer,
    series: threadsText(threads),
    value: gflops,
    text: gflops.toFixed(1),
  }));
  const title = 'Attention and products, forward, against other runtimes';
  return [
    '<h2 id="peers">Peers</h2>',
    paragraph(
      'The same shapes and data on the same number of threads, results compared before they are timed, processes in turn. ' +
        'Of onnxruntime the faster of two ways: composed operators, or its own MultiHeadAttention. ' +
        'onnxruntime-node is native code; tfjs has one thread in Node.',
    ),
    await barChart({ title, axis: 'GFLOP/s', bars, columns: 2, width: 300, emphasis: OURS }),
    tableHtml(peerTable, results, ({ peer }) => (peer === OURS ? 'ours' : '')),
  ].join('\n');
}

/** The panel of a row, and its name there. */
function placeOf({ kernel, pass, shape }: KernelResult): { panel: string; label: string } {
  const [group, ...form] = kernel.split(' ');
  if (group === 'attention') return { panel: `Attention, ${pass}`, label: `${form.join(' ')} ${shape}` };
  if (group === 'matMul') return { panel: 'Products', label: `${form.join(' ')} ${shape}` };
  if (group === 'linear') return { panel: 'Products', label: `${kernel} ${pass} ${shape}` };
  return { panel: 'Bound by memory', label: `${kernel} ${pass} ${shape}` };
}

export async function kernelsSection({ results }: KernelsDocument): Promise<string> {
  const builds = needBuilds(results);
  const bars = results.map((result) => {
    const { build, threads, roofline, gflops, gigabytes } = result;
    const { panel, label } = placeOf(result);
    const text = gflops === undefined ? `${gigabytes!.toFixed(1)} GB/s` : `${gflops.toFixed(1)} GFLOP/s`;
    return { panel, label: builds ? `${label}, ${build}` : label, series: threadsText(threads), value: roofline, text };
  });
  const title = 'Share of the roofline of as many threads';
  return [
    '<h2 id="kernels">Kernels</h2>',
    await barChart({ title, axis: 'share of the roofline', bars, columns: 1, width: 560, shares: true }),
    paragraph(
      'roof: share of what the same threads reach with multiply-adds in registers, or for kernels that memory bounds, with ' +
        'a copy of as many bytes. /softmax: time against plain softmax attention of the same shape. ' +
        "tfjs/: time of tfjs's own ops on one thread against ours.",
    ),
    tableHtml(kernelTable, results),
  ].join('\n');
}

export function softmaxSection({ results }: SoftmaxDocument): string {
  return [
    '<h2 id="softmax">The softmax part of attention</h2>',
    paragraph(
      'Scale, maximum, exp, sum and rescaling for one score, on one thread, without the products. Laying fresh scores out ' +
        '(copying) is measured beside it and not in it.',
    ),
    tableHtml(softmaxTable, results),
  ].join('\n');
}

export function anyModelsSection({ models, results, notes }: AnyModelsDocument): string {
  return [
    '<h2 id="tfjs">Models of tf.layers</h2>',
    `<ul>${models.map(({ name, text, batch }) => `<li>${name}: ${text}; batch ${batch}</li>`).join('')}</ul>`,
    paragraph("wasm/, cpu/: time of tfjs's wasm backend and of its plain JavaScript against ours."),
    tableHtml(anyModelsTable, results),
    ...notes.map((note) => paragraph(note)),
  ].join('\n');
}

export function tilesSection({ results }: TilesDocument): string {
  return [
    '<h2 id="tiles">Register tiles</h2>',
    paragraph(
      'The inner loops of products on one thread, operands in the first-level cache. roof: share of what the thread ' +
        'reaches with multiply-adds in registers. simd uses 4x8, relaxed 6x8, wide 6x16; the others show why.',
    ),
    tableHtml(tilesTable, results),
  ].join('\n');
}

export function valuesSection(document: ValuesDocument): string {
  return [
    '<h2 id="values">Values of any size</h2>',
    paragraph('/1: time relative to the same kernel on numbers around 1, in turn with it.'),
    tableHtml(valuesTable, document.results),
    paragraph(`${summaryOf(document)}.`),
  ].join('\n');
}

export function predictSection({ results, start }: PredictDocument): string {
  return [
    '<h2 id="predict">The predict runtime</h2>',
    paragraph(
      'times: what int8 takes less, in turn with float32, quantising included. roof: float32 as a share of what the threads ' +
        'reach with multiply-adds in registers. MB beside: memory of a predictor above its weights.',
    ),
    tableHtml(predictTable, results),
    paragraph(`From the start of a process to the first result of the smallest model: ${fourDigits(start)} ms.`),
  ].join('\n');
}

export async function curvesSection(document: CurvesDocument, { cpu, node }: Machine): Promise<string> {
  const figures = await curveFigures(document, captionOf(document, cpu, node));
  return ['<h2 id="curves">Efficiency curves</h2>', ...figures.map(([, figure]) => figure)].join('\n');
}

/** The parts of a step, in the order of the bars. */
const parts: [name: string, holds: (line: ProfileLine) => boolean][] = [
  ['products', ({ name, whose }) => whose === 'ours' && /MatMul|Linear/.test(name)],
  ['attention', ({ name, whose }) => whose === 'ours' && /Attention/.test(name)],
  ['other kernels of ours', ({ whose }) => whose === 'ours'],
  ["tfjs's kernels", ({ whose }) => whose === "tfjs's"],
  ['JavaScript and copies', () => true],
];

function profileBars({ model, form, threads, build, lines }: Profile) {
  const seen = new Set<ProfileLine>();
  return parts.map(([series, holds]) => {
    const own = lines.filter((line) => !seen.has(line) && holds(line));
    own.forEach((line) => seen.add(line));
    const value = own.reduce((sum, { share }) => sum + share, 0);
    return { panel: '', label: `${model} ${form}, ${build}, ${threadsText(threads)}`, series, value, text: '' };
  });
}

export async function profileSection({ models, profiles }: ProfileDocument): Promise<string> {
  const bars = profiles.flatMap(profileBars);
  const title = 'Where the time of a step goes';
  const tables = profiles.map((profile) => {
    const { model, form, threads, build, milliseconds, ours, lines } = profile;
    const summary =
      `Step ${model} ${form}, ${build}, ${threadsText(threads)}: ${fourDigits(milliseconds)} ms, ` +
      `${percent(ours)} in kernels of ours`;
    return folded(
      summary,
      tableHtml(profileTable, lines, ({ whose }) => (whose === "tfjs's" ? 'theirs' : '')),
    );
  });
  return [
    '<h2 id="profile">Profile of training steps</h2>',
    `<ul>${models.map((model) => `<li>${describeModel(model)}</li>`).join('')}</ul>`,
    await barChart({ title, axis: 'share of the step', bars, columns: 1, width: 620, stacked: true }),
    paragraph("In the tables, kernels that are tfjs's are shaded."),
    ...tables,
  ].join('\n');
}
