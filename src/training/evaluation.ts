import type { ValidationScore } from './progress.js';

/** How well a classifier does. */
export interface Evaluation extends ValidationScore {
  /** Part of the cases whose most probable class is the right one, 0 to 1. */
  accuracy: number;
  /** Mean of -log(probability of the right class). */
  loss: number;
  /** Mean of the classes' F1, 0 to 1; classes that neither occur nor were predicted do not count. */
  macroF1: number;
  /** [right class][predicted class]: numbers of cases. */
  confusion: number[][];
  /** Most probable class of each case, as an index. */
  predicted: number[];
}

/** How a model did on a part of the data. */
export interface EvaluatedPart {
  /** What the part is, for people: 'test part'. */
  title: string;
  evaluation: Omit<Evaluation, 'predicted'>;
}
