// What inspect found, as rows of tables.

import type { Columns } from '../report/html.js';
import { fourDigits, percent } from '../report/numbers.js';
import type { PassCosts } from './attentionCosts.js';
import type { ModelInspection } from './inspectModel.js';
import type { MeanAndDeviation } from './meanAndDeviation.js';

/** A model's layer, or all of them. */
export interface RedundancyRow {
  model: string;
  layer: string;
  distance: MeanAndDeviation;
  relative: MeanAndDeviation;
  overlap: MeanAndDeviation;
}

/** A layer's heads together. */
export interface SupportRow {
  model: string;
  layer: string;
  keys: number;
  available: number;
  entropy: number;
}

/** A pass of a model, and of softmax attention of the same sizes. */
export interface CostRow {
  model: string;
  pass: string;
  own: PassCosts;
  softmax: PassCosts;
}

const withDeviation = ({ mean, std }: MeanAndDeviation) => `${mean.toFixed(3)} ± ${std.toFixed(3)}`;

export function redundancyRows(models: readonly ModelInspection[]): RedundancyRow[] {
  return models.flatMap(({ label: model, redundancy: { layers, distance, relative }, overlap: all }) => [
    ...layers.map(({ layer, distance, relative }, index) => {
      return { model, layer, distance, relative, overlap: all.layers[index].overlap };
    }),
    { model, layer: 'all', distance, relative, overlap: all.overlap },
  ]);
}

export function supportRows(models: readonly ModelInspection[]): SupportRow[] {
  return models.flatMap(({ label: model, support }) => {
    const layers = [...new Set(support.map(({ layer }) => layer))];
    return layers.map((layer) => {
      const heads = support.filter((head) => head.layer === layer);
      const mean = (of: 'keys' | 'available' | 'entropy') =>
        heads.reduce((sum, head) => sum + head[of], 0) / heads.length;
      return { model, layer, keys: mean('keys'), available: mean('available'), entropy: mean('entropy') };
    });
  });
}

export function costRows(models: readonly ModelInspection[]): CostRow[] {
  return models.flatMap(({ label: model, costs: { own, softmax } }) => [
    { model, pass: 'forward', own: own.forward, softmax: softmax.forward },
    { model, pass: 'training step', own: own.trainingStep, softmax: softmax.trainingStep },
  ]);
}

export const redundancyColumns: Columns<RedundancyRow> = {
  columns: [
    ['model', -16, ({ model }) => model],
    ['layer', -12, ({ layer }) => layer],
    ['L2 distance', 16, ({ distance }) => withDeviation(distance)],
    ['relative', 16, ({ relative }) => withDeviation(relative)],
    ['overlap of maps', 16, ({ overlap }) => withDeviation(overlap)],
  ],
};

export const supportColumns: Columns<SupportRow> = {
  columns: [
    ['model', -16, ({ model }) => model],
    ['layer', -12, ({ layer }) => layer],
    ['keys', 8, ({ keys }) => keys.toFixed(1)],
    ['of', 8, ({ available }) => available.toFixed(1)],
    ['share', 8, ({ keys, available }) => percent(keys / available)],
    ['entropy', 8, ({ entropy }) => entropy.toFixed(2)],
  ],
};

export const costColumns: Columns<CostRow> = {
  columns: [
    ['model', -16, ({ model }) => model],
    ['pass', -13, ({ pass }) => pass],
    ['attention GFLOP', 15, ({ own }) => fourDigits(own.attentionFlops / 1e9)],
    ['/softmax', 8, ({ own, softmax }) => (own.attentionFlops / softmax.attentionFlops).toFixed(3)],
    ['model GFLOP', 11, ({ own }) => fourDigits(own.flops / 1e9)],
    ['/softmax', 8, ({ own, softmax }) => (own.flops / softmax.flops).toFixed(3)],
    ['peak MB', 8, ({ own }) => fourDigits(own.bytes / 1e6)],
    ['/softmax', 8, ({ own, softmax }) => (own.bytes / softmax.bytes).toFixed(3)],
  ],
};
