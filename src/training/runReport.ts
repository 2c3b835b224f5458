import { folded, htmlPage, paragraph, tableHtml } from '../report/html.js';
import { readState } from './checkpoint.js';
import type { Evaluation } from './evaluate.js';
import { readFolderConfig } from './folderConfig.js';
import { classScores } from './metrics.js';
import type { Progress } from './progress.js';
import { confusionChart, curvesChart } from './reportCharts.js';
import { lastCheckpoint } from './runFolder.js';
import { writeTogether } from '../files/writeTogether.js';

/** How a model did on a part of the data. */
export interface EvaluatedPart {
  /** What the part is, for people: 'test part'. */
  title: string;
  evaluation: Pick<Evaluation, 'accuracy' | 'loss' | 'macroF1' | 'confusion'>;
}

/** What a report shows besides what the folder of the run holds. */
export interface RunReportOptions {
  /** Of the page. */
  title: string;
  /** In order. */
  classNames: readonly string[];
  /** What the model was evaluated on; each gets a confusion matrix. Default: nothing. */
  parts?: readonly EvaluatedPart[];
}

const percent = (part: number) => (Number.isNaN(part) ? '' : `${(100 * part).toFixed(1)} %`);
const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '';

const epochColumns = {
  columns: [
    ['epoch', 5, ({ epoch }: Progress) => `${epoch}`],
    ['loss', 8, ({ loss }: Progress) => fixed(loss, 4)],
    ['accuracy', 8, ({ accuracy }: Progress) => percent(accuracy)],
    ['validation loss', 8, ({ validation }: Progress) => fixed(validation?.loss, 4)],
    ['validation accuracy', 8, ({ validation }: Progress) => (validation ? percent(validation.accuracy) : '')],
    ['validation macro F1', 8, ({ validation }: Progress) => fixed(validation?.macroF1, 4)],
    ['learning rate', 8, ({ learningRate }: Progress) => learningRate?.toPrecision(3) ?? ''],
    ['seconds', 8, ({ seconds }: Progress) => fixed(seconds, 2)],
    ['samples/s', 8, ({ samplesPerSecond }: Progress) => fixed(samplesPerSecond, 0)],
  ] as const,
};

/** A part's figures, its confusion matrix and the scores of its classes. */
async function partHtml({ title, evaluation }: EvaluatedPart, classNames: readonly string[]): Promise<string> {
  const { accuracy, loss, macroF1, confusion } = evaluation;
  const rows = classScores(confusion).map((score, index) => ({ name: classNames[index], ...score }));
  type Row = (typeof rows)[number];
  const scores = tableHtml<Row>(
    {
      columns: [
        ['class', -12, ({ name }) => name],
        ['cases', 6, ({ cases }) => `${cases}`],
        ['precision', 8, ({ precision }) => percent(precision)],
        ['recall', 8, ({ recall }) => percent(recall)],
        ['F1', 8, ({ f1 }) => percent(f1)],
      ],
    },
    rows,
  );
  const figures = `Accuracy ${percent(accuracy)}, macro F1 ${macroF1.toFixed(4)}, loss ${loss.toFixed(4)}.`;
  const chart = await confusionChart(confusion, classNames);
  return `<h2>Confusion matrix, ${title}</h2>\n${paragraph(figures)}\n${chart}\n${folded('Scores of each class', scores)}`;
}

/**
 * Writes report.html in the folder of a run: curves of loss and accuracy, confusion matrices, settings. Node only.
 *
 * @param folder where fit has kept the run
 * @param options see RunReportOptions
 * @returns the report's path
 * @throws Error if the folder holds no run; the file system's errors
 */
export async function writeRunReport(
  folder: string,
  { title, classNames, parts = [] }: RunReportOptions,
): Promise<string> {
  const [state, config] = await Promise.all([readState(lastCheckpoint(folder)), readFolderConfig(folder)]);
  if (!state || !config) throw new Error(`${folder}: holds no run; it must be a folder that fit has kept one in`);
  const { history } = state;
  const settings = Object.entries(config).map(([name, value]) => ({ name, value: JSON.stringify(value) }));
  type Setting = (typeof settings)[number];
  const settingColumns = {
    columns: [
      ['setting', -20, ({ name }: Setting) => name],
      ['value', -20, ({ value }: Setting) => value],
    ] as const,
  };
  const content = [
    paragraph(`${history.length} of ${config.epochs} epochs.`),
    '<h2>Loss and accuracy</h2>',
    history.length > 0 ? await curvesChart(history) : paragraph('No epoch is complete.'),
    folded('Epochs', tableHtml(epochColumns, history)),
    ...(await Promise.all(parts.map((part) => partHtml(part, classNames)))),
    '<h2>Settings</h2>',
    tableHtml(settingColumns, settings),
  ];
  const path = `${folder}/report.html`;
  await writeTogether(new Map([[path, htmlPage(title, content.join('\n'))]]));
  return path;
}
