// The page's charts, as Vega-Lite specifications.

import type { AttentionMap, Progress } from 'primal-attention';
import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';

const look = {
  font: 'system-ui, sans-serif',
  background: null,
  view: { stroke: null },
  axis: {
    titleFontWeight: 'normal',
    titleColor: '#5d6878',
    labelColor: '#5d6878',
    gridColor: '#eef1f5',
    domainColor: '#c3cad5',
    tickColor: '#c3cad5',
  },
  legend: { titleFontWeight: 'normal', titleColor: '#5d6878', labelColor: '#1d2530' },
} as const;

/** What is drawn at present. */
const views = new Map<HTMLElement, View>();

/** Draws a specification into an element, in place of what it held. */
async function draw(element: HTMLElement, spec: object, renderer: 'svg' | 'canvas' = 'svg'): Promise<View> {
  const { spec: compiled } = compile({ ...spec, config: look } as unknown as TopLevelSpec);
  views.get(element)?.finalize();
  const view = new View(parse(compiled), { renderer, container: element, hover: true });
  views.set(element, view);
  return view.runAsync();
}

/** A plot that fills the width of its element. */
const sizeIn = (element: HTMLElement) => ({
  width: Math.max(200, element.clientWidth),
  height: 250,
  autosize: { type: 'fit', contains: 'padding' },
});

const TABLE = 'epochs';

/** Draws one number of training and validation, epoch by epoch, with no epoch yet. */
function drawCurve(element: HTMLElement, name: 'loss' | 'accuracy', epochs: number): Promise<View> {
  const percent = name === 'accuracy';
  return draw(element, {
    ...sizeIn(element),
    data: { name: TABLE },
    mark: { type: 'line', point: { size: 18 }, strokeWidth: 2, tooltip: true },
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        scale: { domain: [0, epochs], nice: false },
        axis: { title: 'epoch', grid: false, tickMinStep: 1, tickCount: 6 },
      },
      y: {
        field: name,
        type: 'quantitative',
        scale: percent ? { domain: [0, 1] } : { domainMin: 0 },
        axis: { title: name, tickCount: 5, ...(percent && { format: '.0%' }) },
      },
      color: {
        field: 'part',
        type: 'nominal',
        scale: { domain: ['training', 'validation'], range: ['#2563c9', '#d9662b'] },
        legend: { title: null, orient: 'top', direction: 'horizontal', offset: 4 },
      },
    },
  });
}

/** Loss and accuracy of a run, which grow with it. */
export class Curves {
  private constructor(private readonly views: View[]) {}

  /** Draws the axes of a run that will have so many epochs. */
  static async draw(elements: { loss: HTMLElement; accuracy: HTMLElement }, epochs: number): Promise<Curves> {
    return new Curves([
      await drawCurve(elements.loss, 'loss', epochs),
      await drawCurve(elements.accuracy, 'accuracy', epochs),
    ]);
  }

  /** Draws the epochs so far. */
  async update(history: Progress[]): Promise<void> {
    const rows = history.flatMap(({ epoch, loss, accuracy, validation }) => [
      { epoch, part: 'training', loss, accuracy },
      ...(validation ? [{ epoch, part: 'validation', loss: validation.loss, accuracy: validation.accuracy }] : []),
    ]);
    for (const view of this.views) await view.data(TABLE, rows).runAsync();
  }
}

/** A series, one line a channel. */
export function drawSeries(element: HTMLElement, series: number[][]): Promise<View> {
  const values = series.flatMap((row, position) =>
    row.map((value, index) => ({ position, channel: index + 1, value })),
  );
  return draw(element, {
    ...sizeIn(element),
    data: { values },
    mark: { type: 'line', strokeWidth: 1.4, opacity: 0.85, tooltip: true },
    encoding: {
      x: { field: 'position', type: 'quantitative', axis: { title: 'position', grid: false, tickMinStep: 1 } },
      y: { field: 'value', type: 'quantitative', axis: { title: 'standardised', tickCount: 5 } },
      color: {
        field: 'channel',
        type: 'ordinal',
        scale: { scheme: 'viridis' },
        legend: null,
      },
    },
  });
}

const headName = (head: number) => `head ${head + 1}`;

/** One row of heat maps a layer, one map a head; darker is more. */
export function drawMaps(element: HTMLElement, maps: AttentionMap[]): Promise<View> {
  const values = maps.flatMap(({ layer, head, queries, keys, weights }) =>
    Array.from({ length: queries }, (_, query) =>
      keys.map(([from, to], key) => ({
        ...{ layer, head: headName(head), query, next: query + 1, from, to },
        weight: weights[query * keys.length + key],
      })),
    ).flat(),
  );
  const heads = Math.max(...maps.map(({ head }) => head)) + 1;
  const positionsShown = Math.max(...maps.map(({ queries }) => queries));
  const room = Math.min(230, (element.clientWidth - 140) / heads - 16);
  // Whole pixels a position, or neighbouring cells show a seam.
  const size = positionsShown * Math.max(1, Math.floor(room / positionsShown));
  const header = { labelColor: '#5d6878' };
  const positions = { type: 'quantitative', scale: { nice: false, zero: true } };
  return draw(
    element,
    {
      data: { values },
      spacing: { row: 14, column: 16 },
      facet: {
        row: { field: 'layer', type: 'nominal', title: null, header },
        column: {
          field: 'head',
          type: 'nominal',
          sort: Array.from({ length: heads }, (_, head) => headName(head)),
          title: null,
          header,
        },
      },
      spec: {
        width: size,
        height: size,
        mark: { type: 'rect', tooltip: true },
        encoding: {
          x: { ...positions, field: 'from', axis: { title: null, grid: false, tickCount: 4 } },
          x2: { field: 'to' },
          y: {
            ...positions,
            field: 'query',
            scale: { ...positions.scale, reverse: true },
            axis: { title: null, grid: false, tickCount: 4 },
          },
          y2: { field: 'next' },
          color: {
            field: 'weight',
            type: 'quantitative',
            scale: { range: ['#f3f6fa', '#2563c9', '#0b2552'], domainMin: 0 },
            legend: { title: 'weight', gradientLength: size },
          },
        },
      },
    },
    'canvas',
  );
}
