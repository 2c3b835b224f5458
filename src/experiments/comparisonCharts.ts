import { look, palette, toSvg } from '../report/svg.js';
import { distinct } from './distinct.js';
import type { RunRecord } from './runStore.js';

const PANEL = { width: 290, height: 170 };
const COLUMNS = 3;

/** What both charts draw: a panel for each data set, with a colour for each form. */
function panels(
  records: readonly RunRecord[],
  valuesOf: (record: RunRecord) => object[],
  encoding: (forms: string[]) => object,
  marks: object,
): Promise<string> {
  const forms = distinct(records.map(({ config }) => config.form));
  const shared = encoding(forms);
  return toSvg({
    concat: distinct(records.map(({ config }) => config.data)).map((data) => ({
      ...PANEL,
      title: { text: data, fontSize: 12.5 },
      data: { values: records.filter(({ config }) => config.data === data).flatMap(valuesOf) },
      encoding: shared,
      ...marks,
    })),
    columns: COLUMNS,
    spacing: { row: 24, column: 30 },
    config: { ...look },
  });
}

const colour = (forms: string[], legend: object | null) => ({
  field: 'form',
  type: 'nominal',
  scale: { domain: forms, range: palette },
  legend,
});

const accuracyAxis = (title: string) => ({
  field: 'accuracy',
  type: 'quantitative',
  title,
  scale: { zero: false },
  axis: { format: '~%', tickCount: 5 },
});

/** Each run's accuracy after the last epoch as a point; mean ± standard deviation over seeds beside it. */
export function accuracyChart(records: readonly RunRecord[]): Promise<string> {
  const y = accuracyAxis('test accuracy, last epoch');
  const layer = [
    { mark: { type: 'point', filled: true, opacity: 0.5, xOffset: -8 }, encoding: { y } },
    { mark: { type: 'errorbar', extent: 'stdev', xOffset: 4 }, encoding: { y } },
    {
      mark: { type: 'point', filled: true, size: 70, xOffset: 4, shape: 'diamond' },
      encoding: { y: { ...y, aggregate: 'mean' } },
    },
  ];
  return panels(
    records,
    ({ config: { form }, testAccuracy }) => [{ form, accuracy: testAccuracy.last }],
    (forms) => ({
      x: { field: 'form', type: 'nominal', sort: forms, title: null, axis: { labelAngle: 0 } },
      color: colour(forms, null),
    }),
    { layer },
  );
}

/** Test accuracy after each epoch, mean over seeds. */
export function curvesChart(records: readonly RunRecord[]): Promise<string> {
  return panels(
    records,
    ({ config: { form }, curves }) =>
      curves.training.map(({ evaluation: { accuracy } }, index) => ({ form, epoch: index + 1, accuracy })),
    (forms) => ({
      x: { field: 'epoch', type: 'quantitative', axis: { grid: false, tickMinStep: 1 } },
      y: { ...accuracyAxis('test accuracy'), aggregate: 'mean' },
      color: colour(forms, { title: null, orient: 'top' }),
    }),
    { mark: { type: 'line', strokeWidth: 1.5 } },
  );
}
