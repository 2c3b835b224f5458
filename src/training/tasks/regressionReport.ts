import { charts, escapeHtml, paragraph } from '../../report/html.js';
import type { EvaluatedPart, RegressionEvaluation } from '../evaluation.js';
import type { TaskMetadata } from '../../data/modelMetadata.js';
import { scores } from '../scores.js';
import { regressionCharts } from './regressionChart.js';

/**
 * A part's figures, and what was predicted against what was right, as HTML.
 *
 * @param part the part
 * @param facts the name of the target
 */
export async function regressionReport(
  { title, evaluation }: EvaluatedPart<RegressionEvaluation>,
  { target }: TaskMetadata,
): Promise<string> {
  const { rmse, mae, r2, loss } = evaluation;
  const figures =
    `RMSE ${scores.rmse.format(rmse)}, MAE ${scores.mae.format(mae)}, R² ${scores.r2.format(r2) || 'not defined'}, ` +
    `loss ${scores.loss.format(loss)}.`;
  const drawn = await regressionCharts(evaluation, target?.name ?? 'target');
  return [`<h2>Predicted against true, ${escapeHtml(title)}</h2>`, paragraph(figures), charts(drawn)].join('\n');
}
