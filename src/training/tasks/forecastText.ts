import { nextTimes } from '../../data/forecast/times.js';
import type { Cases } from '../../data/labelledData.js';
import type { ModelMetadata, TaskMetadata } from '../../data/modelMetadata.js';
import type { ForecastTargets } from '../../data/numberTargets.js';
import type { Columns } from '../../report/html.js';
import { markdownTable } from '../../report/markdownTable.js';
import type { ForecastEvaluation } from '../evaluation.js';
import { scores } from '../scores.js';
import { forecastChannelColumns } from './forecastReport.js';
import { type EvaluationText, type PredictionText, textColumns } from './task.js';

/** See Task. */
export function forecastEvaluationText(
  { mse, mae, steps, channels }: ForecastEvaluation,
  _: TaskMetadata,
  { name, cases }: { name: string; cases: string },
): EvaluationText {
  return {
    document: { mse, mae, channels, steps },
    lines: [
      `${`${name} MSE`.padEnd(14)} ${scores.mse.format(mse)} (${cases}, standardised)`,
      `MAE            ${scores.mae.format(mae)}`,
      '',
      markdownTable(forecastChannelColumns, channels),
    ],
  };
}

/** A position of a forecast. */
interface Row {
  /** Of the case, from 1. */
  case: number;
  /** After its last position, from 1. */
  step: number;
  time?: string;
  values: number[];
}

/** See Task. */
export function forecastPredictionText(
  outputs: readonly number[][],
  { forecast, statistics, channelNames = [] }: ModelMetadata,
  data: Cases,
): PredictionText {
  const { horizon } = forecast!;
  const { times } = data as ForecastTargets;
  const { mean, deviation } = statistics!;
  const channels = mean.length;
  const names = channelNames.length === channels ? channelNames : mean.map((_, c) => `channel ${c + 1}`);
  const next = times && nextTimes(times, horizon);
  const rows = outputs.flatMap((output, index) =>
    Array.from({ length: horizon }, (_, step): Row => {
      const values = mean.map((level, c) => level + deviation[c] * output[step * channels + c]);
      return { case: index + 1, step: step + 1, ...(next && { time: next[step] }), values };
    }),
  );
  const columns: Columns<Row>['columns'] = [
    ...(outputs.length > 1 ? [['case', 1, (row: Row) => `${row.case}`] as const] : []),
    ['step', 1, ({ step }) => `${step}`],
    ['time', -1, ({ time = '' }) => time],
    ...names.map((name, c) => [name, 1, ({ values }: Row) => scores.mae.format(values[c])] as const),
  ];
  return {
    documents: outputs.map((_, index) => {
      const own = rows.filter((row) => row.case === index + 1);
      return {
        case: index + 1,
        ...(next && { times: next }),
        forecast: Object.fromEntries(names.map((name, c) => [name, own.map(({ values }) => values[c])])),
      };
    }),
    table: textColumns({ columns }, rows),
    csv: [
      ['case', 'step', ...(next ? ['time'] : []), ...names],
      ...rows.map(({ case: number, step, time, values }) => [number, step, ...(next ? [time!] : []), ...values]),
    ],
  };
}
