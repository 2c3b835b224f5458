import type { Columns } from '../../report/html.js';
import type { RegressionEvaluation } from '../evaluation.js';
import type { Cases } from '../../data/labelledData.js';
import type { TaskMetadata } from '../../data/modelMetadata.js';
import { scores } from '../scores.js';
import { type EvaluationText, type PredictionText, textColumns } from './task.js';

/** See Task. */
export function regressionEvaluationText(
  { loss, rmse, mae, r2 }: RegressionEvaluation,
  _: TaskMetadata,
  { name, cases }: { name: string; cases: string },
): EvaluationText {
  return {
    document: { loss, rmse, mae, r2 },
    lines: [
      `${`${name} RMSE`.padEnd(14)} ${scores.rmse.format(rmse)} (${cases})`,
      `MAE            ${scores.mae.format(mae)}`,
      `R²             ${scores.r2.format(r2)}`,
      `Loss           ${scores.loss.format(loss)}`,
    ],
  };
}

/** What a model gives for a case. */
interface Prediction {
  /** Its name, where the input has one; else its number, from 1. */
  case: number | string;
  /** In the units of the targets. */
  value: number;
}

/** See Task. */
export function regressionPredictionText(
  outputs: readonly number[][],
  { target }: TaskMetadata,
  { ids }: Cases,
  first = 1,
): PredictionText {
  const { name = 'value', mean, deviation } = target!;
  const rows = outputs.map(([output], index) => ({
    case: ids?.[index] ?? first + index,
    value: mean + deviation * output,
  }));
  const columns: Columns<Prediction> = {
    columns: [
      ['case', 1, (row) => `${row.case}`],
      [name, 1, ({ value }) => scores.mae.format(value)],
    ],
  };
  return {
    documents: rows,
    table: textColumns(columns, rows),
    csv: [['case', name], ...rows.map(({ case: number, value }) => [number, value])],
  };
}
