// Bars side by side, in panels, as SVG.

import { palette } from '../../src/report/svg.js';
import { figure } from './figure.js';

export interface Bar {
  /** Title of the panel that it stands in. */
  panel: string;
  /** Its label; bars with the same label are grouped. */
  label: string;
  /** What its colour means. */
  series: string;
  value: number;
  /** What stands at its end. */
  text: string;
}

export interface Bars {
  title: string;
  /** What the values are. */
  axis: string;
  bars: readonly Bar[];
  /** Panels side by side. */
  columns: number;
  /** Pixels. */
  width: number;
  /** Values are shares, shown as per cent. */
  shares?: boolean;
  /** Label of the bars that stand out. */
  emphasis?: string;
  /** Bars of one label are put end to end, without texts. */
  stacked?: boolean;
}

const BAR_HEIGHT = 13;

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function panelOf(name: string, { axis, bars, width, emphasis = '', stacked = false, shares = stacked }: Bars) {
  const own = bars.filter(({ panel }) => panel === name);
  const labels = distinct(own.map(({ label }) => label));
  const series = distinct(bars.map(({ series }) => series));
  // The same scale in all panels.
  const highest = Math.max(shares ? 0.85 : 0, ...bars.map(({ value }) => value));
  const rows = stacked ? 1 : distinct(own.map(({ series }) => series)).length;
  const y = {
    field: 'label',
    type: 'nominal',
    sort: labels,
    axis: {
      title: null,
      labelLimit: 1000,
      labelFontWeight: { condition: { test: `datum.value === ${JSON.stringify(emphasis)}`, value: 700 }, value: 400 },
    },
    scale: { paddingInner: 0.25, paddingOuter: 0.1 },
  };
  const x = {
    field: 'value',
    type: 'quantitative',
    // Room for the texts.
    scale: stacked ? { domain: [0, 1] } : { domain: [0, 1.18 * highest] },
    axis: { title: axis, tickCount: 5, ...(shares && { format: '%' }) },
  };
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: series, range: palette },
    legend: series.length > 1 ? { title: null, orient: 'top', direction: 'horizontal', symbolType: 'square' } : null,
  };
  const offset = stacked ? {} : { yOffset: { field: 'series', sort: series } };
  return {
    title: { text: name, fontSize: 12.5, offset: 6 },
    width,
    height: labels.length * (rows * BAR_HEIGHT + 6),
    data: { values: own.map((bar, order) => ({ ...bar, order })) },
    encoding: { y, x, ...offset },
    layer: [
      {
        mark: { type: 'bar', cornerRadiusEnd: stacked ? 0 : 2 },
        encoding: { color, ...(stacked && { order: { field: 'order' } }) },
      },
      ...(stacked ? [] : [{ mark: { type: 'text', align: 'left', dx: 4 }, encoding: { text: { field: 'text' } } }]),
    ],
  };
}

/** The bars as an SVG picture; panels, labels and series in the order in which they come. */
export function barChart(bars: Bars): Promise<string> {
  return figure({
    title: { text: bars.title },
    concat: distinct(bars.bars.map(({ panel }) => panel)).map((name) => panelOf(name, bars)),
    columns: bars.columns,
    spacing: { row: 30, column: 40 },
    padding: 8,
    config: {
      text: { fontSize: 11, color: '#333' },
      title: { offset: 12 },
      legend: { labelFontSize: 12, labelLimit: 1000, symbolSize: 120 },
      axis: { labelFontSize: 12 },
    },
  });
}
