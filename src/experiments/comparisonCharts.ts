import { epochAxis, look, palette, shareScale, toSvg } from '../report/svg.js';
import { distinct } from './distinct.js';
import type { RunRecord } from './runStore.js';

const PANEL = { width: 290, height: 170 };

/** What both figures draw: a chart for each data set, with a colour for each form. */
function panels(
  records: readonly RunRecord[],
  valuesOf: (record: RunRecord) => { form: string; accuracy: number }[],
  encoding: (forms: string[], accuracies: number[]) => object,
  marks: object,
): Promise<string[]> {
  const forms = distinct(records.map(({ config }) => config.form));
  return Promise.all(
    distinct(records.map(({ config }) => config.data)).map((data) => {
      const values = records.filter(({ config }) => config.data === data).flatMap(valuesOf);
      return toSvg({
        ...PANEL,
        title: { text: data, fontSize: 12.5, limit: PANEL.width },
        data: { values },
        encoding: encoding(
          forms,
          values.map(({ accuracy }) => accuracy),
        ),
        ...marks,
        config: { ...look },
      });
    }),
  );
}

const colour = (forms: string[], legend: object | null) => ({
  field: 'form',
  type: 'nominal',
  scale: { domain: forms, range: palette },
  legend,
});

/** There are fewer colours than there may be forms: those whose colour comes again are dashed. */
const dash = (forms: string[]) => ({
  field: 'form',
  type: 'nominal',
  scale: { domain: forms, range: forms.map((_, index) => (index < palette.length ? [1, 0] : [4, 3])) },
});

const accuracyAxis = (title: string, accuracies: number[]) => ({
  field: 'accuracy',
  type: 'quantitative',
  title,
  scale: shareScale(accuracies),
  axis: { format: '%', tickCount: 5 },
});

const LAST = 'test accuracy, last epoch';
/** Forms whose names have room beside each other. */
const LEVEL = 4;

/**
 * Each run's accuracy after the last epoch as a point, with mean ± standard deviation beside it where there are several seeds.
 *
 * @returns a chart for each data set
 */
export function accuracyCharts(records: readonly RunRecord[]): Promise<string[]> {
  const isSingle = distinct(records.map(({ config }) => config.seed)).length < 2;
  const deviation = [
    { mark: { type: 'errorbar', extent: 'stdev', xOffset: 4 } },
    {
      mark: { type: 'point', filled: true, size: 70, xOffset: 4, shape: 'diamond' },
      encoding: { y: { field: 'accuracy', type: 'quantitative', aggregate: 'mean', title: LAST } },
    },
  ];
  const runs = { mark: { type: 'point', filled: true, ...(isSingle ? { size: 50 } : { opacity: 0.5, xOffset: -8 }) } };
  return panels(
    records,
    ({ config: { form }, testAccuracy }) => [{ form, accuracy: testAccuracy.last }],
    (forms, accuracies) => ({
      x: {
        field: 'form',
        type: 'nominal',
        sort: forms,
        title: null,
        axis: { labelAngle: forms.length > LEVEL ? -40 : 0, labelLimit: 120 },
      },
      y: accuracyAxis(LAST, accuracies),
      color: colour(forms, null),
    }),
    { layer: isSingle ? [runs] : [runs, ...deviation] },
  );
}

/**
 * Test accuracy after each epoch, mean over seeds.
 *
 * @returns a chart for each data set
 */
export function curvesCharts(records: readonly RunRecord[]): Promise<string[]> {
  const epochs = Math.max(...records.map(({ curves }) => curves.training.length));
  return panels(
    records,
    ({ config: { form }, curves }) =>
      curves.training.map(({ evaluation: { accuracy } }, index) => ({ form, epoch: index + 1, accuracy })),
    (forms, accuracies) => {
      const legend = forms.length > 1 ? { title: null, orient: 'top', columns: 4 } : null;
      return {
        x: epochAxis(1, epochs),
        y: { ...accuracyAxis('test accuracy', accuracies), aggregate: 'mean' },
        color: colour(forms, legend),
        strokeDash: { ...dash(forms), legend },
      };
    },
    { mark: { type: 'line', strokeWidth: 1.5, point: epochs < 2 } },
  );
}
