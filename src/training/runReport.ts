import { path } from '../checks/rules.js';
import { check } from '../checks/values.js';
import { writeChecked } from '../files/checksums.js';
import { type Columns, folded, htmlPage, paragraph, tableHtml } from '../report/html.js';
import { readState } from './checkpoint.js';
import { curvesChart } from './curvesChart.js';
import type { EvaluatedPart } from './evaluation.js';
import { readFolderConfig } from './folderConfig.js';
import type { Progress } from './progress.js';
import { lastCheckpoint, REPORT } from './runFolder.js';
import type { TaskMetadata } from '../data/modelMetadata.js';
import { scores } from './scores.js';
import type { Task } from './tasks/task.js';
import { taskOf } from './tasks/taskOf.js';

/** What a report shows besides what the folder of the run holds. */
export interface RunReportOptions extends Partial<TaskMetadata> {
  /** Of the page. */
  title: string;
  /** What the model was evaluated on; each gets its figures and, of classes, a confusion matrix. Default: nothing. */
  parts?: readonly EvaluatedPart[];
}

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
  const [state, config] = await Promise.all([readState(lastCheckpoint(folder)), readFolderConfig(folder)]);
  if (!state || !config) throw new Error(`${folder}: holds no run; it must be a folder that fit has kept one in`);
  const { history } = state;
  const task = taskOf('writeRunReport', options);
  const { title, parts = [], classNames = [] } = options;
  const facts = { ...options, classNames };
  const settings = Object.entries(config).map(([name, value]) => ({ name, value: JSON.stringify(value) }));
  const heading = task.trainingScores.map((name) => scores[name].title).join(' and ');
  const content = [
    paragraph(`${history.length} of ${config.epochs} epochs.`),
    `<h2>${heading[0].toUpperCase()}${heading.slice(1)}</h2>`,
    history.length > 0 ? await curvesChart(history, task.trainingScores) : paragraph('No epoch is complete.'),
    folded('Epochs', tableHtml(epochColumns(task), history)),
    ...(await Promise.all(parts.map((part) => task.reportPart(part, facts)))),
    '<h2>Settings</h2>',
    tableHtml(settingColumns, settings),
  ];
  await writeChecked(folder, REPORT, htmlPage(title, content.join('\n')));
  return `${folder}/${REPORT}`;
}
