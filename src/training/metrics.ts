/**
 * How often each class was taken for each.
 *
 * @param labels the right classes, as indices
 * @param predicted the classes given, as many
 * @param classes number of classes
 * @returns [classes][classes]: row by right class, column by given class
 */
export function confusionMatrix(labels: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]][predicted[i]]++;
  return counts;
}

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
 */
export function classScores(confusion: readonly number[][]): ClassScore[] {
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
