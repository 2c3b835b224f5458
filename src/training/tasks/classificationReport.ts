import { counted } from '../../checks/counted.js';
import { shortened } from '../../checks/quoted.js';
import { type Columns, escapeHtml, folded, paragraph, tableHtml, wideChart } from '../../report/html.js';
import type { EvaluatedPart, Evaluation } from '../evaluation.js';
import { percent, scores } from '../scores.js';
import { classColumns, namedClassScores } from './classColumns.js';
import { confusionChart, MOST_NUMBERED } from './confusionChart.js';

/** With more classes, a matrix is more than an eye can see and a page should hold: then it is summarised. */
const MOST_CLASSES = 100;
/** Confusions that are listed. */
const LISTED = 50;

interface Confusion {
  right: string;
  given: string;
  cases: number;
  /** Of the right class's cases. */
  share: number;
}

const confusionColumns: Columns<Confusion> = {
  columns: [
    ['right class', -20, ({ right }) => shortened(right)],
    ['predicted class', -20, ({ given }) => shortened(given)],
    ['cases', 6, ({ cases }) => `${cases}`],
    ['share of class', 8, ({ share }) => percent(share)],
  ],
};

/** What was taken for something else, the most cases first. */
function confusionsOf(confusion: readonly number[][], classNames: readonly string[]): Confusion[] {
  return confusion
    .flatMap((row, right) => {
      const total = row.reduce((a, b) => a + b, 0);
      return row.flatMap((cases, given) => {
        if (cases === 0 || given === right) return [];
        return [{ right: classNames[right], given: classNames[given], cases, share: cases / total }];
      });
    })
    .sort((a, b) => b.cases - a.cases || b.share - a.share);
}

/** The matrix as a picture, and what it cannot show of many classes as a table. */
function confusionHtml(confusion: readonly number[][], classNames: readonly string[]): string {
  const chart = classNames.length <= MOST_CLASSES ? [wideChart(confusionChart(confusion, classNames))] : [];
  if (classNames.length <= MOST_NUMBERED) return chart.join('');
  const all = confusionsOf(confusion, classNames);
  const table = tableHtml(confusionColumns, all.slice(0, LISTED));
  const found =
    all.length === 0
      ? 'No class was taken for another'
      : `${counted(all.length, 'pair')} of classes ${all.length === 1 ? 'was' : 'were'} confused` +
        (all.length > LISTED ? `; the ${LISTED} with the most cases` : '');
  if (chart.length > 0) return [...chart, all.length === 0 ? paragraph(`${found}.`) : folded(found, table)].join('\n');
  const summary = `A matrix of ${classNames.length} classes is too large to be shown; evaluate --json has all of it. ${found}.`;
  return [paragraph(summary), ...(all.length > 0 ? [table] : [])].join('\n');
}

/**
 * A part's figures, its confusion matrix and the scores of its classes, as HTML.
 *
 * @param part the part
 * @param facts names of the classes, in order
 */
export function classificationReport(
  { title, evaluation }: EvaluatedPart<Evaluation>,
  { classNames }: { classNames: readonly string[] },
): string {
  const { accuracy, loss, macroF1, confusion } = evaluation;
  const table = tableHtml(classColumns, namedClassScores(confusion, classNames));
  const figures = `Accuracy ${percent(accuracy)}, macro F1 ${scores.macroF1.format(macroF1)}, loss ${scores.loss.format(loss)}.`;
  return [
    `<h2>Confusion matrix, ${escapeHtml(title)}</h2>`,
    paragraph(figures),
    confusionHtml(confusion, classNames),
    folded('Scores of each class', table),
  ].join('\n');
}
