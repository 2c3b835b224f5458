import { charts, type Columns, escapeHtml, folded, paragraph, tableHtml } from '../../report/html.js';
import { look, toSvg } from '../../report/svg.js';
import type { EvaluatedPart, ForecastEvaluation } from '../evaluation.js';
import { scores } from '../scores.js';

type Channel = ForecastEvaluation['channels'][number];

/** The scores of each channel. */
export const forecastChannelColumns: Columns<Channel> = {
  columns: [
    ['channel', -12, ({ name }) => name],
    ['MSE', 8, ({ mse }) => scores.mse.format(mse)],
    ['MAE', 8, ({ mae }) => scores.mae.format(mae)],
  ],
};

/** Errors over how far ahead a position is. */
function stepsChart(steps: ForecastEvaluation['steps']): Promise<string> {
  const values = steps.flatMap(({ mse, mae }, index) => [
    { step: index + 1, score: 'MSE', value: mse },
    { step: index + 1, score: 'MAE', value: mae },
  ]);
  return toSvg({
    data: { values },
    ...{ width: 420, height: 220 },
    mark: { type: 'line', point: steps.length < 2 },
    encoding: {
      x: { field: 'step', type: 'quantitative', title: 'positions ahead', axis: { grid: false, tickMinStep: 1 } },
      y: { field: 'value', type: 'quantitative', title: 'error, standardised' },
      color: {
        field: 'score',
        type: 'nominal',
        scale: { domain: ['MSE', 'MAE'], range: ['#0072B2', '#E69F00'] },
        legend: { title: null, orient: 'top' },
      },
    },
    config: { ...look },
  });
}

/** A part's figures, and its errors by position ahead and by channel, as HTML. */
export async function forecastReport({ title, evaluation }: EvaluatedPart<ForecastEvaluation>): Promise<string> {
  const { mse, mae, steps, channels } = evaluation;
  const figures = `MSE ${scores.mse.format(mse)}, MAE ${scores.mae.format(mae)}, of standardised numbers.`;
  const table = folded('Errors of each channel', tableHtml(forecastChannelColumns, channels));
  return [
    `<h2>Errors by position ahead, ${escapeHtml(title)}</h2>`,
    paragraph(figures),
    charts([await stepsChart(steps)]),
    table,
  ].join('\n');
}
