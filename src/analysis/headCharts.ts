// Figures of heads and layers, models side by side.

import { look, palette, toSvg } from '../report/svg.js';
import type { ModelInspection } from './inspectModel.js';

const config = {
  ...look,
  axis: { ...look.axis, labelAngle: 0 },
  title: { fontSize: 12.5, anchor: 'start', offset: 8 },
};

/** Colour and place of a model among others. */
function encodingOf(models: readonly ModelInspection[]) {
  const labels = models.map(({ label }) => label);
  return {
    xOffset: { field: 'model', type: 'nominal', sort: labels },
    color: {
      field: 'model',
      type: 'nominal',
      scale: { domain: labels, range: palette },
      legend:
        labels.length > 1
          ? { title: null, orient: 'top', symbolType: 'square', symbolStrokeWidth: 0, symbolOpacity: 1 }
          : null,
    },
  };
}

/**
 * Bars of mean distances between heads with their deviation.
 *
 * @returns two charts: distances as they are, and relative to the outputs' norm
 */
export function redundancyCharts(models: readonly ModelInspection[]): Promise<string[]> {
  const layers = [...new Set(models.flatMap(({ redundancy }) => redundancy.layers.map(({ layer }) => layer)))];
  const values = models.flatMap(({ label, redundancy }) =>
    redundancy.layers.flatMap(({ layer, distance, relative }) =>
      Object.entries({ distance, relative }).map(([kind, { mean, std }]) => {
        return { model: label, layer, kind, mean, low: mean - std, high: mean + std };
      }),
    ),
  );
  const panel = (kind: string, text: string) => ({
    title: text,
    data: { values },
    ...{ width: layers.length * Math.max(70, models.length * 26 + 24), height: 190 },
    transform: [{ filter: { field: 'kind', equal: kind } }],
    encoding: {
      x: { field: 'layer', type: 'nominal', sort: layers, axis: { title: 'layer' }, scale: { paddingInner: 0.25 } },
      ...encodingOf(models),
    },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: { y: { field: 'mean', type: 'quantitative', title: 'mean over pairs ± std' } },
      },
      {
        mark: { type: 'rule', color: '#222', strokeWidth: 1.5 },
        encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' }, color: { value: '#222' } },
      },
    ],
    ...{ padding: 8, config },
  });
  return Promise.all([
    toSvg(panel('distance', 'L2 distance of two heads')),
    toSvg(panel('relative', 'relative to their norm')),
  ]);
}

/**
 * Bars of the keys that carry most of the weight, for each head, in front of all the keys that it has, pale.
 *
 * @returns a chart for each layer, to the same scale
 */
export function supportCharts(models: readonly ModelInspection[]): Promise<string[]> {
  const layers = [...new Set(models.flatMap(({ support }) => support.map(({ layer }) => layer)))];
  const values = models.flatMap(({ label, support }) => support.map((head) => ({ model: label, ...head })));
  const heads = new Set(values.map(({ head }) => head)).size;
  const most = Math.max(...values.map(({ available }) => available));
  const y = { type: 'quantitative', title: 'keys', scale: { domain: [0, most] } };
  const width = Math.max(120, heads * (models.length * 12 + 14));
  const panel = (layer: string) => ({
    title: layer,
    data: { values },
    ...{ width, height: 170 },
    transform: [{ filter: { field: 'layer', equal: layer } }],
    encoding: {
      x: { field: 'head', type: 'ordinal', axis: { title: 'head' }, scale: { paddingInner: 0.2 } },
      ...encodingOf(models),
    },
    layer: [
      { mark: 'bar', encoding: { y: { ...y, field: 'available' }, opacity: { value: 0.25 } } },
      { mark: 'bar', encoding: { y: { ...y, field: 'keys' } } },
    ],
    ...{ padding: 8, config },
  });
  return Promise.all(layers.map((layer) => toSvg(panel(layer))));
}
