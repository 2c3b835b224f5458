import { checkNumber, formatValue } from '../checks/values.js';

/** A number for each class, or 'balanced': all classes count the same in the training part. */
export type ClassWeights = readonly number[] | 'balanced';

/**
 * What a case of each class counts in the mean loss.
 *
 * @param owner the calling function's name, for errors
 * @param weights as the caller gave them
 * @param labels classes of the training part, as indices
 * @param classes number of classes
 * @returns [classes]; 'balanced' gives cases / (classes present * cases of the class), 0 for a class without a case
 * @throws Error if weights is neither 'balanced' nor one number, 0 or more, for each class, or no case counts
 */
export function classWeightsOf(
  owner: string,
  weights: ClassWeights,
  labels: readonly number[],
  classes: number,
): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]++;
  if (weights === 'balanced') {
    const present = counts.filter((count) => count > 0).length;
    return counts.map((count) => (count > 0 ? labels.length / (present * count) : 0));
  }
  if (!Array.isArray(weights) || weights.length !== classes) {
    throw new Error(
      `${owner}: classWeights was ${formatValue(weights)}; it must be 'balanced' or hold ${classes} numbers`,
    );
  }
  weights.forEach((weight, c) => checkNumber(owner, `classWeights[${c}]`, weight, (x) => x >= 0, '0 or more'));
  if (!counts.some((count, c) => count > 0 && weights[c] > 0)) {
    throw new Error(`${owner}: classWeights was ${formatValue(weights)}; a class with cases must weigh more than 0`);
  }
  return [...(weights as readonly number[])];
}
