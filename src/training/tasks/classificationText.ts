import { shortened } from '../../checks/quoted.js';
import type { Columns } from '../../report/html.js';
import { markdownTable } from '../../report/markdownTable.js';
import { percent as toPercent } from '../../report/numbers.js';
import { argmax } from '../argmax.js';
import type { Evaluation } from '../evaluation.js';
import type { Cases } from '../../data/labelledData.js';
import type { TaskMetadata } from '../../data/modelMetadata.js';
import { classColumns, namedClassScores } from './classColumns.js';
import { type EvaluationText, type PredictionText, textColumns } from './task.js';

/** Most classes whose confusion matrix is printed: a terminal holds no more columns. */
const MOST_COLUMNS = 20;

function confusionTable(confusion: readonly number[][], classNames: readonly string[]): string {
  const rows = confusion.map((counts, index) => ({ name: classNames[index], counts }));
  type Row = (typeof rows)[number];
  const columns = classNames.map(
    (name, index) => [shortened(name), 1, ({ counts }: Row) => `${counts[index]}`] as const,
  );
  return markdownTable(
    { columns: [['actual \\ predicted', -1, ({ name }: Row) => shortened(name)], ...columns] },
    rows,
  );
}

/** See Task. */
export function classificationEvaluationText(
  { accuracy, loss, macroF1, confusion }: Evaluation,
  { classNames }: TaskMetadata,
  { name, cases }: { name: string; cases: string },
): EvaluationText {
  const classes = namedClassScores(confusion, classNames);
  return {
    document: { accuracy, loss, macroF1, classes, confusion },
    lines: [
      `${`${name} accuracy`.padEnd(14)} ${toPercent(accuracy, 2)} (${cases})`,
      `Macro F1       ${macroF1.toFixed(4)}`,
      `Loss           ${loss.toFixed(4)}`,
      '',
      markdownTable(classColumns, classes),
      ...(classNames.length <= MOST_COLUMNS ? ['', confusionTable(confusion, classNames)] : []),
    ],
  };
}

/** What a model says of a case. */
interface Prediction {
  /** Its name, where the input has one; else its number, from 1. */
  case: number | string;
  class: string;
  probability: number;
  /** [classes] */
  probabilities: readonly number[];
}

const predictionColumns: Columns<Prediction> = {
  columns: [
    ['case', 1, (row) => shortened(`${row.case}`)],
    ['class', -1, (row) => shortened(row.class)],
    ['probability', 1, ({ probability }) => toPercent(probability, 2)],
  ],
};

/** See Task. */
export function classificationPredictionText(
  outputs: readonly number[][],
  { classNames }: TaskMetadata,
  { ids }: Cases,
  first = 1,
): PredictionText {
  const rows = outputs.map((probabilities, index): Prediction => {
    const best = argmax(probabilities);
    return {
      case: ids?.[index] ?? first + index,
      class: classNames[best],
      probability: probabilities[best],
      probabilities,
    };
  });
  return {
    documents: rows.map(({ probabilities, ...rest }) => ({
      ...rest,
      probabilities: Object.fromEntries(classNames.map((name, index) => [name, probabilities[index]])),
    })),
    table: textColumns(predictionColumns, rows),
    csv: [
      ['case', 'class', ...classNames],
      ...rows.map(({ case: number, class: name, probabilities }) => [number, name, ...probabilities]),
    ],
  };
}
