import { folded, paragraph, tableHtml } from '../../report/html.js';
import type { EvaluatedPart, Evaluation } from '../evaluation.js';
import { percent, scores } from '../scores.js';
import { classColumns, namedClassScores } from './classColumns.js';
import { confusionChart } from './confusionChart.js';

/**
 * A part's figures, its confusion matrix and the scores of its classes, as HTML.
 *
 * @param part the part
 * @param facts names of the classes, in order
 */
export async function classificationReport(
  { title, evaluation }: EvaluatedPart<Evaluation>,
  { classNames }: { classNames: readonly string[] },
): Promise<string> {
  const { accuracy, loss, macroF1, confusion } = evaluation;
  const table = tableHtml(classColumns, namedClassScores(confusion, classNames));
  const figures = `Accuracy ${percent(accuracy)}, macro F1 ${scores.macroF1.format(macroF1)}, loss ${scores.loss.format(loss)}.`;
  const chart = confusionChart(confusion, classNames);
  return `<h2>Confusion matrix, ${title}</h2>\n${paragraph(figures)}\n${chart}\n${folded('Scores of each class', table)}`;
}
