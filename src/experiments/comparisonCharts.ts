import type { TaskName } from '../data/modelMetadata.js';
import { epochAxis, look, palette, shareScale, toSvg } from '../report/svg.js';
import { scores } from '../training/scores.js';
import type { DataBaseline } from './dataBaselines.js';
import { distinct } from './distinct.js';
import type { RunRecord } from './runStore.js';
import { scoresOfTask } from './summary.js';

const PANEL = { width: 290, height: 170 };

/** What both figures draw: a chart for each data set, with a colour for each form. */
function panels(
  records: readonly RunRecord[],
  valuesOf: (record: RunRecord) => { form: string; score: number }[],
  encoding: (forms: string[], found: number[]) => object,
  marks: (data: string) => object,
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
          values.map(({ score }) => score),
        ),
        ...marks(data),
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

/** The axis of what comparisons of a task are about. */
function scoreAxis(task: TaskName, title: string, found: number[]) {
  const { better, axis } = scores[scoresOfTask(task)[0]];
  return {
    field: 'score',
    type: 'quantitative',
    title,
    // Errors that are far from 0 are told apart as well.
    scale: better === 'higher' ? shareScale(found) : { zero: false },
    axis: { format: axis.format, tickCount: 5 },
  };
}

/** Forms whose names have room beside each other. */
const LEVEL = 4;

/**
 * Each run's score after the last epoch as a point, with mean ± standard deviation beside it where there are several seeds, and
 * lines for simple rules.
 *
 * @returns a chart for each data set
 */
export function scoreCharts(
  task: TaskName,
  records: readonly RunRecord[],
  rules: readonly DataBaseline[],
): Promise<string[]> {
  const [main] = scoresOfTask(task);
  const title = `test ${scores[main].title}, last epoch`;
  const isSingle = distinct(records.map(({ config }) => config.seed)).length < 2;
  const deviation = [
    { mark: { type: 'errorbar', extent: 'stdev', xOffset: 4 } },
    {
      mark: { type: 'point', filled: true, size: 70, xOffset: 4, shape: 'diamond' },
      encoding: { y: { field: 'score', type: 'quantitative', aggregate: 'mean', title } },
    },
  ];
  const runs = { mark: { type: 'point', filled: true, ...(isSingle ? { size: 50 } : { opacity: 0.5, xOffset: -8 }) } };
  const linesOf = (data: string) => {
    const ofData = rules.filter((rule) => rule.data === data);
    const values = ofData.map((rule, index) => ({ name: rule.name, score: rule[main], end: index % 2 }));
    if (values.length === 0) return [];
    const grey = { value: '#666' };
    const y = { field: 'score', type: 'quantitative' };
    return [
      { data: { values }, mark: { type: 'rule', strokeDash: [4, 3] }, encoding: { y, x: null, color: grey } },
      // At both ends in turn, as lines may be close to each other.
      ...[PANEL.width, 0].map((x, end) => ({
        data: { values: values.filter((rule) => rule.end === end) },
        mark: { type: 'text', align: end === 0 ? 'right' : 'left', baseline: 'bottom', fontSize: 10, dy: -2 },
        encoding: { y, x: { value: x }, text: { field: 'name' }, color: grey },
      })),
    ];
  };
  return panels(
    records,
    ({ config: { form }, test }) => [{ form, score: test.last[main]! }],
    (forms, found) => ({
      x: {
        field: 'form',
        type: 'nominal',
        sort: forms,
        title: null,
        axis: { labelAngle: forms.length > LEVEL ? -40 : 0, labelLimit: 120 },
      },
      y: scoreAxis(task, title, found),
      color: colour(forms, null),
    }),
    (data) => ({ layer: [...linesOf(data), runs, ...(isSingle ? [] : deviation)] }),
  );
}

/**
 * What comparisons of a task are about on the test part after each epoch, mean over seeds.
 *
 * @returns a chart for each data set
 */
export function curvesCharts(task: TaskName, records: readonly RunRecord[]): Promise<string[]> {
  const [main] = scoresOfTask(task);
  const epochs = Math.max(...records.map(({ curves }) => curves.training.length));
  return panels(
    records,
    ({ config: { form }, curves }) =>
      curves.training.map(({ evaluation }, index) => ({ form, epoch: index + 1, score: evaluation[main]! })),
    (forms, found) => {
      const legend = forms.length > 1 ? { title: null, orient: 'top', columns: 4 } : null;
      return {
        x: epochAxis(1, epochs),
        y: { ...scoreAxis(task, `test ${scores[main].title}`, found), aggregate: 'mean' },
        color: colour(forms, legend),
        strokeDash: { ...dash(forms), legend },
      };
    },
    () => ({ mark: { type: 'line', strokeWidth: 1.5, point: epochs < 2 } }),
  );
}
