// The efficiency curves of the paper: what each form costs as sequences grow longer and heads wider.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttentionOptions, init } from '../src/index.js';
import { passes, prepareAttention } from './attention.js';
import { chart, type Curve } from './chart.js';
import { headScales } from './family.js';
import { fourDigits } from './format.js';
import { timeInTurn, type Timing } from './measure.js';
import { peakBytes } from './memory.js';
import type { Pass } from './rows.js';
import { machine, type Settings } from './settings.js';

/** One form at one size. */
export interface Point {
  form: string;
  pass: Pass;
  /** N, as many queries as keys. */
  length: number;
  /** D, as wide as the values. */
  width: number;
  milliseconds: number;
  quartiles: [number, number];
  /** Time relative to softmax; not known of tfjs, which cannot take turns with us. */
  relative?: number;
  flops: number;
  gflops: number;
  /** Peak of the wasm heap above the operands, see memory.ts. */
  bytes: number;
}

const forms: Record<string, AttentionOptions> = {
  softmax: {},
  BN: { batchNorm: true },
  SH: { headScales },
  'BN+SH': { batchNorm: true, headScales },
  linear: { kernel: 'linear' },
};

/** tfjs's own ops for plain softmax attention. */
export const TFJS = 'tfjs';

const HEADS = headScales.length;

/** Where the two curves cross. */
const LENGTH = 1024;
const WIDTH = 64;

/** Sizes of the curves; tfjs's scores would fill the heap at lengths above `tfjs`. */
const extents = {
  full: { lengths: [128, 256, 512, 1024, 2048, 4096, 8192], widths: [16, 32, 64, 128], tfjs: 2048 },
  quick: { lengths: [128, 256, 512, 1024, 2048], widths: [16, 32, 64, 128], tfjs: 512 },
};

type Size = Pick<Point, 'pass' | 'length' | 'width'>;

function point(form: string, size: Size, flops: number, bytes: number, { median, quartiles }: Timing): Point {
  return { form, ...size, milliseconds: median, quartiles, flops, gflops: flops / median / 1e6, bytes };
}

/** All forms in turn at one size. */
function measureForms(size: Size, { budget }: Settings['effort']): Point[] {
  const { pass, length, width } = size;
  const prepared = Object.values(forms).map((options) => prepareAttention([1, HEADS, length, width], pass, options));
  const calls = prepared.map(({ ours }) => ours);
  const bytes = calls.map(peakBytes);
  const timings = timeInTurn(calls, { budget, rounds: 3 });
  for (const { dispose } of prepared) dispose();
  return Object.keys(forms).map((form, index) => ({
    ...point(form, size, prepared[index].flops, bytes[index], timings[index]),
    relative: timings[index].relative,
  }));
}

function measureTfjs(size: Size, { budget }: Settings['effort']): Point {
  const { pass, length, width } = size;
  const { flops, tfjs, dispose } = prepareAttention([1, HEADS, length, width], pass);
  const bytes = peakBytes(tfjs);
  const [timing] = timeInTurn([tfjs], { budget, rounds: 1 });
  dispose();
  return point(TFJS, size, flops, bytes, timing);
}

interface Quantity {
  title: string;
  of: (point: Point) => number;
}

const quantities: readonly Quantity[] = [
  { title: 'Time, ms', of: ({ milliseconds }) => milliseconds },
  { title: 'Time relative to softmax', of: ({ relative }) => relative ?? NaN },
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
function curvesOf(points: Point[], pass: Pass): Curve[] {
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

/** Measures the curves, writes curves.json, curves.md and the charts, and gives the document for --json. */
export async function benchCurves(settings: Settings): Promise<object> {
  const { builds, quick, tfjs: wanted, effort, out, log } = settings;
  const { lengths, widths, tfjs: longest } = quick ? extents.quick : extents.full;
  const build = builds.at(-1)!;
  await init({ relaxedSimd: build === 'relaxed' });
  const sizes: Size[] = passes.flatMap((pass) => [
    ...lengths.map((length) => ({ pass, length, width: WIDTH })),
    ...widths.filter((width) => width !== WIDTH).map((width) => ({ pass, length: LENGTH, width })),
  ]);
  const points: Point[] = [];
  for (const size of sizes) {
    console.error(`${size.pass}, N ${size.length}, D ${size.width} ...`);
    points.push(...measureForms(size, effort));
  }
  if (wanted) {
    await init({ acceleration: false });
    for (const size of sizes.filter(({ length }) => length <= longest)) {
      console.error(`${TFJS}, ${size.pass}, N ${size.length}, D ${size.width} ...`);
      points.push(measureTfjs(size, effort));
    }
    await init();
  }

  const { cpu, node, threads } = machine();
  const setting = [
    `${HEADS} heads, SH scales ${headScales.join(', ')}; peak memory is what a call takes beside its operands`,
    `${cpu}, Node ${node}, ${build} build, ${threads} thread; medians of single calls`,
  ];
  const text = report(points, ['# Efficiency of attention', ...setting]);
  const document = { build, batch: 1, heads: HEADS, headScales, points };
  mkdirSync(out, { recursive: true });
  const write = (name: string, content: string) => writeFileSync(join(out, name), content);
  write('curves.json', JSON.stringify({ machine: machine(), ...document }, null, 2) + '\n');
  write('curves.md', text);
  const names: Record<Pass, string> = { forward: 'curves-forward.svg', 'forward+backward': 'curves-training.svg' };
  for (const pass of passes) {
    const title = `Efficiency of attention, ${pass.replace('+', ' and ')}`;
    write(names[pass], await chart(curvesOf(points, pass), title, setting));
  }
  log(`\n${text}\nWritten to ${out}: curves.json, curves.md, ${Object.values(names).join(', ')}`);
  return document;
}
