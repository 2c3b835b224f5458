import type { Rule } from '../checks/rules.js';
import { check, checkInteger } from '../checks/values.js';

/**
 * How often each class was taken for each.
 *
 * @param labels the right classes, as indices
 * @param predicted the classes given, as many
 * @param classes number of classes
 * @returns [classes][classes]: row by right class, column by given class
 * @throws Error that names the argument and the case, counted from 1, if one is not the index of a class
 */
export function confusionMatrix(labels: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const owner = 'confusionMatrix';
  checkInteger(owner, 'classes', classes, 1, Infinity);
  if (predicted.length !== labels.length) {
    throw new Error(
      `${owner}: predicted held ${predicted.length} classes; they must be ${labels.length}, one for each label`,
    );
  }
  for (const [name, values] of Object.entries({ labels, predicted })) {
    const wrong = Array.from(values).findIndex((c) => !Number.isInteger(c) || c < 0 || c >= classes);
    if (wrong >= 0) checkInteger(owner, `${name} of case ${wrong + 1}`, values[wrong], 0, classes - 1);
  }
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]][predicted[i]]++;
  return counts;
}

const matrix: Rule = {
  must: 'an array of arrays of numbers, a row for each class',
  test: (value) =>
    Array.isArray(value) && value.every((row) => Array.isArray(row) && row.every((count) => typeof count === 'number')),
};

/** How well one class is found. */
export interface ClassScore {
  /** Cases of the class. */
  cases: number;
  /** Part of the cases given this class that are of it; NaN where none was given it. */
  precision: number;
  /** Part of the class's cases that were given it; NaN where it has none. */
  recall: number;
  /** 2 right / (cases + given); NaN where both are 0. */
  f1: number;
}

/**
 * @param confusion as confusionMatrix gives it
 * @returns a score for each class
 * @throws Error if it is not square
 */
export function classScores(confusion: readonly number[][]): ClassScore[] {
  check('classScores', 'confusion', confusion, matrix);
  const wrong = confusion.findIndex((row) => row.length !== confusion.length);
  if (wrong >= 0) {
    throw new Error(
      `classScores: row ${wrong} of confusion held ${confusion[wrong].length} numbers; it must hold ${confusion.length}, ` +
        'one for each class',
    );
  }
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return confusion.map((row, label) => {
    const [right, cases, given] = [row[label], sum(row), sum(confusion.map((other) => other[label]))];
    return { cases, precision: right / given, recall: right / cases, f1: (2 * right) / (cases + given) };
  });
}

/**
 * The mean of the classes' F1, each class counting the same. A class that neither is there nor was given does not
 * count, as scikit-learn has it.
 *
 * @param confusion as confusionMatrix gives it, of at least one case
 * @returns 0 to 1
 */
export function macroF1(confusion: readonly number[][]): number {
  const scores = classScores(confusion).flatMap(({ f1 }) => (Number.isNaN(f1) ? [] : [f1]));
  return scores.reduce((a, b) => a + b, 0) / scores.length;
}
