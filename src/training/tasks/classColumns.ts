import { shortened } from '../../checks/quoted.js';
import type { Columns } from '../../report/html.js';
import { type ClassScore, classScores } from '../metrics.js';
import { percent } from '../scores.js';

/** The scores of a class, with its name. */
export interface NamedClassScore extends ClassScore {
  name: string;
}

/**
 * @param confusion as confusionMatrix gives it
 * @param classNames in order
 * @returns the scores of each class
 */
export function namedClassScores(confusion: readonly number[][], classNames: readonly string[]): NamedClassScore[] {
  return classScores(confusion).map((score, index) => ({ name: classNames[index], ...score }));
}

/** The table of the scores of each class. */
export const classColumns: Columns<NamedClassScore> = {
  columns: [
    ['class', -12, ({ name }) => shortened(name)],
    ['cases', 6, ({ cases }) => `${cases}`],
    ['precision', 8, ({ precision }) => percent(precision)],
    ['recall', 8, ({ recall }) => percent(recall)],
    ['F1', 8, ({ f1 }) => percent(f1)],
  ],
};
