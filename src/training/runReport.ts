import { path, text } from '../checks/rules.js';
import { check, checkOptions } from '../checks/values.js';
import { writeChecked } from '../files/checksums.js';
import { charts, type Columns, escapeHtml, folded, htmlPage, orWarning, paragraph, tableHtml } from '../report/html.js';
import { counted } from '../checks/counted.js';
import { readState } from './checkpoint.js';
import { type Baseline, baselineColumns, verdict } from './baselines/baseline.js';
import { curvesCharts } from './curvesCharts.js';
import type { EvaluatedPart } from './evaluation.js';
import { readFolderConfig } from './folderConfig.js';
import type { Progress } from './progress.js';
import { lastCheckpoint, REPORT } from './runFolder.js';
import type { TaskMetadata } from '../data/modelMetadata.js';
import { scores } from './scores.js';
import { type ComparedScore, comparedScores } from './tasks/comparedScores.js';
import type { Task } from './tasks/task.js';
import { taskOf } from './tasks/taskOf.js';

/** What a report shows besides what the folder of the run holds. */
export interface RunReportOptions extends Partial<TaskMetadata> {
  /** Of the page. */
  title: string;
  /** What the model was evaluated on; each gets its figures and, of classes, a confusion matrix. Default: nothing. */
  parts?: readonly EvaluatedPart[];
  /** Simple rules on the first of these parts, which are shown beside the model. Default: none. */
  baselines?: readonly Baseline[];
}

const reportOptionNames = [
  'baselines',
  'title',
  'parts',
  'task',
  'classNames',
  'target',
  'forecast',
] satisfies (keyof RunReportOptions)[];

/** Epochs that the table shows. */
const MOST_ROWS = 1000;

const settingColumns: Columns<{ name: string; value: string }> = {
  columns: [
    ['setting', -20, ({ name }) => name],
    ['value', -20, ({ value }) => value],
  ],
};

/** What the table of epochs shows, with the scores of the task. */
function epochColumns({ trainingScores, validationScores }: Task): Columns<Progress> {
  return {
    columns: [
      ['epoch', 5, ({ epoch }) => `${epoch}`],
      ...trainingScores.map((name) => {
        const { title, format } = scores[name];
        return [title, 8, (epoch: Progress) => format(epoch[name]!)] as const;
      }),
      ...validationScores.map((name) => {
        const { title, format } = scores[name];
        return [
          `validation ${title}`,
          8,
          ({ validation }: Progress) => (validation ? format(validation[name]!) : ''),
        ] as const;
      }),
      ['learning rate', 8, ({ learningRate }) => learningRate?.toPrecision(3) ?? ''],
      ['seconds', 8, ({ seconds }) => seconds.toFixed(2)],
      ['samples/s', 8, ({ samplesPerSecond }) => samplesPerSecond.toFixed(0)],
    ],
  };
}

/** The epochs, or of a long run some of them, evenly spread, with the last one. */
function epochsHtml(task: Task, history: readonly Progress[]): string {
  const step = Math.ceil(history.length / MOST_ROWS);
  const shown = history.filter((_, index) => (history.length - 1 - index) % step === 0);
  const note = step > 1 ? [paragraph(`One epoch of ${step} is shown; metrics.jsonl has all of them.`)] : [];
  return folded('Epochs', [...note, tableHtml(epochColumns(task), shown)].join('\n'));
}

/** The model's scores on a part, with those of simple rules. */
function besideBaselines(task: Task, { title, evaluation }: EvaluatedPart, baselines: readonly Baseline[]): string[] {
  const names = comparedScores(task);
  const model = { name: 'The model', ...(evaluation as Partial<Record<ComparedScore, number>>) };
  return [
    `<h2>Beside simple rules, ${escapeHtml(title)}</h2>`,
    paragraph(verdict(names, model, baselines)),
    tableHtml(baselineColumns(names), [model, ...baselines]),
  ];
}

/**
 * Writes report.html in the folder of a run: curves of its scores, what was evaluated, settings. Node only.
 *
 * @param folder where fit has kept the run
 * @param options see RunReportOptions
 * @returns the report's path
 * @throws Error if the folder holds no run; the file system's errors
 */
export async function writeRunReport(folder: string, options: RunReportOptions): Promise<string> {
  check('writeRunReport', 'folder', folder, path);
  checkOptions('writeRunReport', options, reportOptionNames);
  check('writeRunReport', 'title', options.title, text);
  const [state, config] = await Promise.all([readState(lastCheckpoint(folder)), readFolderConfig(folder)]);
  if (!state || !config) throw new Error(`${folder}: holds no run; it must be a folder that fit has kept one in`);
  const { history } = state;
  const task = taskOf('writeRunReport', options);
  const { title, parts = [], baselines = [], classNames = [] } = options;
  const facts = { ...options, classNames };
  const settings = Object.entries(config).map(([name, value]) => ({ name, value: JSON.stringify(value) }));
  const heading = task.trainingScores.map((name) => scores[name].title).join(' and ');
  const content = [
    paragraph(`${history.length} of ${counted(config.epochs, 'epoch')}.`),
    `<h2>${heading[0].toUpperCase()}${heading.slice(1)}</h2>`,
    history.length > 0
      ? await orWarning('The charts', async () => charts(await curvesCharts(history, task.trainingScores)))
      : paragraph('No epoch is complete.'),
    epochsHtml(task, history),
    ...(await Promise.all(
      parts.map((part) => orWarning(`What was found on the ${part.title}`, () => task.reportPart(part, facts))),
    )),
    ...(baselines.length > 0 && parts.length > 0 ? besideBaselines(task, parts[0], baselines) : []),
    '<h2>Settings</h2>',
    tableHtml(settingColumns, settings),
  ];
  await writeChecked(folder, REPORT, htmlPage(title, content.join('\n')));
  return `${folder}/${REPORT}`;
}
