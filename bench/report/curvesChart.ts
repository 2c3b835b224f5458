// The efficiency curves as a figure: time, arithmetic and memory against length and width, log-log.

import type { Point } from '../curves/forms.js';
import { palette } from '../../src/report/svg.js';
import { figure } from './figure.js';

/** One curve of all forms, against `along`. */
export interface Curve {
  along: 'length' | 'width';
  title: string;
  points: Point[];
}

const [blue, orange, green, purple, red, , grey] = palette;

/** Attention-BN is dashed and hollow, as it often lies on the form without it. */
const styles = [
  { form: 'softmax', label: 'softmax', colour: blue, dash: [1, 0] },
  { form: 'BN', label: 'BN', colour: orange, dash: [5, 4], fill: 'white' },
  { form: 'SH', label: 'SH', colour: green, dash: [1, 0] },
  { form: 'BN+SH', label: 'BN+SH', colour: purple, dash: [5, 4], fill: 'white' },
  { form: 'linear', label: 'linear', colour: red, dash: [1, 0] },
  { form: 'tfjs', label: 'tfjs, softmax', colour: grey, dash: [1, 0] },
];

const WIDTH = 280;
const HEIGHT = 200;
/** Pixels from label to label. */
const LABEL_GAP = 12.5;

interface Quantity {
  title: string;
  unit: string;
  /** In that unit, without a prefix. */
  of: (point: Point) => number;
  /** Without tfjs. */
  ours?: boolean;
}

const quantities: readonly Quantity[] = [
  { title: 'Time of a call', unit: 's', of: ({ milliseconds }) => milliseconds / 1e3 },
  // The arithmetic of tfjs is that of softmax.
  { title: 'Arithmetic', unit: 'FLOP', of: ({ flops }) => flops, ours: true },
  { title: 'Peak memory', unit: 'B', of: ({ bytes }) => bytes },
];

/** The decades, halved, that hold all values. */
function domainOf(values: number[]): [number, number] {
  const bound = (value: number, round: (x: number) => number) => 10 ** (round(2 * Math.log10(value)) / 2);
  return [bound(Math.min(...values), Math.floor), bound(Math.max(...values), Math.ceil)];
}

interface Mark {
  form: string;
  x: number;
  y: number;
}

/** The last mark of each form with its label, at a height of its own where lines end side by side. */
function labelsOf(marks: Mark[], [low, high]: [number, number]): (Mark & { label: string; labelY: number })[] {
  const pixels = HEIGHT / Math.log(high / low);
  const labels = styles
    .flatMap(({ form, label }) =>
      marks
        .filter((mark) => mark.form === form)
        .slice(-1)
        .map((end) => ({ ...end, label })),
    )
    .map((end) => ({ ...end, height: pixels * Math.log(end.y / low) }))
    .sort((a, b) => b.height - a.height);
  const last = Math.max(...labels.map(({ x }) => x));
  spread(labels.filter(({ x }) => x === last));
  return labels.map(({ height, ...label }) => ({ ...label, labelY: low * Math.exp(height / pixels) }));
}

/** Moves heights, given from high to low, as little as needed to be LABEL_GAP apart. */
function spread(labels: { height: number }[]): void {
  // Groups that touch move as one, so that each stays centred on what it names.
  let groups = labels.map((label) => ({ members: [label], centre: label.height }));
  const half = ({ members }: (typeof groups)[number]) => (members.length * LABEL_GAP) / 2;
  for (let index = 1; index < groups.length;) {
    const [above, below] = [groups[index - 1], groups[index]];
    if (above.centre - half(above) >= below.centre + half(below)) {
      index++;
      continue;
    }
    const members = [...above.members, ...below.members];
    const centre = members.reduce((sum, { height }) => sum + height, 0) / members.length;
    groups = [...groups.slice(0, index - 1), { members, centre }, ...groups.slice(index + 1)];
    index = Math.max(1, index - 1);
  }
  for (const group of groups) {
    group.members.forEach((label, index) => {
      label.height = group.centre + half(group) - (index + 0.5) * LABEL_GAP;
    });
  }
}

/** One panel; only those at the bottom name the sizes. */
function panel(marks: Mark[], domain: [number, number], axes: { x: string | null; y: string | null; unit: string }) {
  const sizes = [...new Set(marks.map(({ x }) => x))].sort((a, b) => a - b);
  const last = sizes.at(-1)!;
  const labels = labelsOf(marks, domain);
  const text = { field: 'label' };
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', base: 2, domain: [sizes[0], last] },
    axis: { title: axes.x, values: sizes, format: 'd', grid: false, labelFlush: false },
  };
  const y = {
    field: 'y',
    type: 'quantitative',
    scale: { type: 'log', domain },
    axis: {
      title: axes.y,
      values: decades(domain),
      // 100000 as '100 k' and the unit.
      labelExpr: `replace(format(datum.value, '~s'), /([a-zA-Zµ]?)$/, ' $1') + '${axes.unit}'`,
    },
  };
  const color = {
    field: 'form',
    type: 'nominal',
    scale: { domain: styles.map(({ form }) => form), range: styles.map(({ colour }) => colour) },
    legend: null,
  };
  return {
    width: WIDTH,
    height: HEIGHT,
    encoding: { x, y, color },
    layer: [
      ...styles.map(({ form, colour, dash, fill }) => ({
        data: { values: marks.filter((mark) => mark.form === form) },
        mark: { type: 'line', strokeDash: dash, point: { filled: false, fill: fill ?? colour } },
      })),
      {
        data: { values: labels.filter(({ x }) => x === last) },
        layer: [
          {
            mark: { type: 'rule', xOffset: 5, x2Offset: 16, strokeWidth: 1 },
            encoding: { x2: { field: 'x' }, y2: { field: 'labelY' } },
          },
          { mark: { type: 'text', align: 'left', dx: 19 }, encoding: { y: { ...y, field: 'labelY' }, text } },
        ],
      },
      {
        data: { values: labels.filter(({ x }) => x !== last) },
        mark: { type: 'text', align: 'right', dx: -8, dy: -7 },
        encoding: { text },
      },
    ],
  };
}

/** The powers of ten in a domain. */
function decades([low, high]: [number, number]): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

/** The figure as SVG: a row of panels for each quantity, a column for each curve. */
export function curvesChart(curves: readonly Curve[], title: string, subtitle: string[]): Promise<string> {
  const panels = quantities.flatMap(({ title, unit, of, ours }, row) => {
    const shown = curves.map(({ points }) => (ours ? points.filter(({ form }) => form !== 'tfjs') : points));
    const domain = domainOf(shown.flat().map(of));
    return curves.map(({ along, title: sizeTitle }, column) => {
      const marks = shown[column]
        .map((point) => ({ form: point.form, x: point[along], y: of(point) }))
        .sort((a, b) => a.x - b.x);
      const axes = { x: row === quantities.length - 1 ? sizeTitle : null, y: column === 0 ? title : null, unit };
      return panel(marks, domain, axes);
    });
  });
  return figure({
    title: { text: title, subtitle },
    concat: panels,
    columns: curves.length,
    // Plots, not their labels, make the grid.
    bounds: 'flush',
    spacing: { row: 34, column: 150 },
    padding: 12,
    config: {
      line: { strokeWidth: 2 },
      point: { size: 30, strokeWidth: 1.5, opacity: 1 },
      text: { fontSize: 11.5, fontWeight: 600, baseline: 'middle' },
      title: { subtitleFontSize: 11.5, subtitleColor: '#555', offset: 20 },
      axis: { labelFontSize: 11 },
      axisY: { titleX: -78 },
    },
  });
}
