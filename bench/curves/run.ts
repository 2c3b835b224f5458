// The efficiency curves of the paper: what each form costs as sequences grow longer and heads wider.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fourDigits } from '../format.js';
import { type AttentionPass, passes } from '../../src/benchmarks/attentionCalls.js';
import { headScales } from '../kernels/family.js';
import { type Child, withChildren } from '../processes/childProcess.js';
import { ratio } from '../../src/benchmarks/timing.js';
import { type Assignment, type Effort, measureInTurn } from '../processes/turns.js';
import { curvesChart, type Curve } from '../report/curvesChart.js';
import type { Settings } from '../settings.js';
import { extents, HEADS, LENGTH, type Point, type Size, WIDTH } from './forms.js';
import type { SizeFacts } from './ours.js';

const modules = { ours: new URL('ours.js', import.meta.url), tfjs: new URL('tfjs.js', import.meta.url) };

/** All forms in turn at one size, and tfjs's ops if `beside` is given. */
async function measure(size: Size, ours: Child, beside: Child | undefined, effort: Effort): Promise<Point[]> {
  const assignments: Assignment[] = [{ child: ours, module: modules.ours, job: size }];
  if (beside) assignments.push({ child: beside, module: modules.tfjs, job: size, warmUp: 0 });
  const measured = await measureInTurn<SizeFacts>(assignments, effort);
  return measured.flatMap(({ facts, timings }) =>
    Object.entries(timings).map(([form, timing]) => {
      const { flops, bytes } = facts[form];
      const { median: milliseconds, quartiles } = timing;
      const relative = ratio(timing, measured[0].timings.softmax);
      return { form, ...size, milliseconds, quartiles, relative, flops, gflops: flops / milliseconds / 1e6, bytes };
    }),
  );
}

interface Quantity {
  title: string;
  of: (point: Point) => number;
}

const quantities: readonly Quantity[] = [
  { title: 'Time, ms', of: ({ milliseconds }) => milliseconds },
  { title: 'Time relative to softmax', of: ({ relative }) => relative },
  { title: 'Arithmetic, GFLOP', of: ({ flops }) => flops / 1e9 },
  { title: 'Speed, GFLOP/s', of: ({ gflops }) => gflops },
  { title: 'Peak memory, MB', of: ({ bytes }) => bytes / 1e6 },
];

/** A Markdown table: a line for each size, a column for each form. */
function table({ along, points }: Curve, { title, of }: Quantity): string {
  const names = [...new Set(points.map(({ form }) => form))];
  const sizes = [...new Set(points.map((point) => point[along]))].sort((a, b) => a - b);
  const cell = (size: number, form: string) => {
    const found = points.find((point) => point[along] === size && point.form === form);
    const value = found ? of(found) : NaN;
    return Number.isNaN(value) ? '' : fourDigits(value);
  };
  const lines = [
    [title, ...names],
    [title, ...names].map((name) => '-'.repeat(name.length - 1) + ':'),
    ...sizes.map((size) => [`${along === 'length' ? 'N' : 'D'} ${size}`, ...names.map((name) => cell(size, name))]),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) => `| ${line.map((text, column) => text.padStart(widths[column])).join(' | ')} |`).join('\n');
}

/** The two curves of one pass. */
export function curvesOf(points: Point[], pass: AttentionPass): Curve[] {
  const own = points.filter((point) => point.pass === pass);
  return [
    { along: 'length', title: `Length N, at D = ${WIDTH}`, points: own.filter(({ width }) => width === WIDTH) },
    { along: 'width', title: `Head width D, at N = ${LENGTH}`, points: own.filter(({ length }) => length === LENGTH) },
  ];
}

function report(points: Point[], heading: string[]): string {
  const sections = passes.flatMap((pass) =>
    curvesOf(points, pass).flatMap((curve) => [
      `## ${pass[0].toUpperCase()}${pass.slice(1)}: ${curve.title}`,
      ...quantities.map((quantity) => table(curve, quantity)),
    ]),
  );
  return [...heading, ...sections].join('\n\n') + '\n';
}

export interface CurvesDocument {
  threads: number;
  build: string;
  heads: number;
  headScales: number[];
  points: Point[];
}

/** What the figures say below their titles. */
export function captionOf({ threads, build, heads, headScales }: CurvesDocument, cpu: string, node: string): string[] {
  return [
    `${heads} heads, SH scales ${headScales.join(', ')}; peak memory is what a call takes in addition to its operands`,
    `${cpu}, Node ${node}, ${build} build, ${threads} thread(s); medians of single calls`,
  ];
}

/** Measures the curves in the first configuration, and writes curves.md and the charts. */
export async function benchCurves(settings: Settings): Promise<CurvesDocument> {
  const { configurations, quick, tfjs: wanted, effort, out, log, machine } = settings;
  const { lengths, widths, tfjs: longest } = quick ? extents.quick : extents.full;
  const [setting] = configurations;
  const sizes: Size[] = passes.flatMap((pass) => [
    ...lengths.map((length) => ({ pass, length, width: WIDTH })),
    ...widths.filter((width) => width !== WIDTH).map((width) => ({ pass, length: LENGTH, width })),
  ]);
  const points: Point[] = [];
  await withChildren([setting], wanted !== 'none', async ([ours], beside) => {
    for (const size of sizes) {
      console.error(`${size.pass}, N ${size.length}, D ${size.width} ...`);
      points.push(...(await measure(size, ours, size.length <= longest ? beside : undefined, effort)));
    }
  });

  const document = { ...setting, heads: HEADS, headScales, points };
  const caption = captionOf(document, machine.cpu, machine.node);
  const text = report(points, ['# Efficiency of attention', ...caption]);
  writeFileSync(join(out, 'curves.md'), text);
  const names = ['curves.md'];
  for (const [name, figure] of await curveFigures(document, caption)) {
    writeFileSync(join(out, name), figure);
    names.push(name);
  }
  log(`${text}\nwritten to ${out}: ${names.join(', ')}`);
  return document;
}

/** The two figures, by the names of their files. */
export async function curveFigures({ points }: CurvesDocument, caption: string[]): Promise<[string, string][]> {
  const names: Record<string, string> = { forward: 'curves-forward.svg', 'forward+backward': 'curves-training.svg' };
  const figures: [string, string][] = [];
  for (const pass of passes) {
    const title = `Efficiency of attention, ${pass.replace('+', ' and ')}`;
    figures.push([names[pass], await curvesChart(curvesOf(points, pass), title, caption)]);
  }
  return figures;
}
