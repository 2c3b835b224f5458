import { look, toSvg } from '../report/svg.js';
import type { RunRecord } from './runStore.js';

/** The palette of M. Okabe and K. Ito, told apart by all kinds of colour vision. */
const palette = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#D55E00', '#56B4E9', '#8C8C8C'];
const PANEL = { width: 300, height: 170 };
const COLUMNS = 3;

const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

const panels = (data: string[]) => ({
  facet: { field: 'data', type: 'nominal', sort: data, header: { title: null, labelFontSize: 13 } },
  columns: COLUMNS,
  resolve: { scale: { y: 'independent' } },
  config: { ...look },
});

const colour = (forms: string[]) => ({
  field: 'form',
  type: 'nominal',
  sort: forms,
  scale: { domain: forms, range: palette },
});

const accuracyAxis = (title: string) => ({
  type: 'quantitative',
  title,
  scale: { zero: false },
  axis: { format: '.0%', tickCount: 5 },
});

/** Each run's accuracy after the last epoch as a point; mean ± standard deviation beside it. */
export function accuracyChart(records: readonly RunRecord[]): Promise<string> {
  const forms = distinct(records.map(({ config }) => config.form));
  const values = records.map(({ config: { data, form }, testAccuracy }) => ({
    ...{ data, form },
    accuracy: testAccuracy.last,
  }));
  const x = { field: 'form', type: 'nominal', sort: forms, title: null, axis: { labelAngle: 0 } };
  const y = { field: 'accuracy', ...accuracyAxis('test accuracy, last epoch') };
  const color = { ...colour(forms), legend: null };
  return toSvg({
    data: { values },
    ...panels(distinct(records.map(({ config }) => config.data))),
    spec: {
      ...PANEL,
      encoding: { x, color },
      layer: [
        { mark: { type: 'point', filled: true, opacity: 0.5, xOffset: -8 }, encoding: { y } },
        { mark: { type: 'errorbar', extent: 'stdev', xOffset: 4 }, encoding: { y } },
        {
          mark: { type: 'point', filled: true, size: 70, xOffset: 4, shape: 'diamond' },
          encoding: { y: { ...y, aggregate: 'mean' } },
        },
      ],
    },
  });
}

/** Test accuracy after each epoch, mean over seeds. */
export function curvesChart(records: readonly RunRecord[]): Promise<string> {
  const forms = distinct(records.map(({ config }) => config.form));
  const values = records.flatMap(({ config: { data, form }, curves }) =>
    curves.training.map(({ evaluation }, index) => ({ data, form, epoch: index + 1, accuracy: evaluation.accuracy })),
  );
  return toSvg({
    data: { values },
    ...panels(distinct(records.map(({ config }) => config.data))),
    spec: {
      ...PANEL,
      mark: { type: 'line', strokeWidth: 1.5 },
      encoding: {
        x: { field: 'epoch', type: 'quantitative', axis: { grid: false, tickMinStep: 1 } },
        y: { field: 'accuracy', aggregate: 'mean', ...accuracyAxis('test accuracy') },
        color: { ...colour(forms), legend: { title: null, orient: 'top' } },
      },
    },
  });
}
