import { describe, expect, it } from 'vitest';
import { classWeightsOf } from '../../src/training/classWeights.js';
import { classScores, confusionMatrix, macroF1 } from '../../src/training/metrics.js';

describe('metrics', () => {
  const labels = [0, 0, 0, 1, 1, 2];
  const predicted = [0, 0, 1, 1, 3, 1];

  it('count each right class by each given one', () => {
    expect(confusionMatrix(labels, predicted, 5)).toEqual([
      [2, 1, 0, 0, 0],
      [0, 1, 0, 1, 0],
      [0, 1, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ]);
  });

  it('score each class, and leave out of the mean only those that neither occur nor were given', () => {
    const confusion = confusionMatrix(labels, predicted, 5);
    expect(classScores(confusion)).toEqual([
      { cases: 3, precision: 1, recall: 2 / 3, f1: 0.8 },
      { cases: 2, precision: 1 / 3, recall: 1 / 2, f1: 0.4 },
      { cases: 1, precision: NaN, recall: 0, f1: 0 },
      { cases: 0, precision: 0, recall: NaN, f1: 0 },
      { cases: 0, precision: NaN, recall: NaN, f1: NaN },
    ]);
    // scikit-learn: f1_score(labels, predicted, average='macro') = 0.3, over classes 0 to 3.
    expect(macroF1(confusion)).toBeCloseTo(0.3, 12);
    expect(macroF1(confusionMatrix(labels, labels, 5))).toBe(1);
  });
});

describe('classWeightsOf', () => {
  it('lets balanced classes count the same', () => {
    // scikit-learn: compute_class_weight('balanced') of the classes present.
    expect(classWeightsOf('fit', 'balanced', [0, 0, 0, 1, 3, 3], 4)).toEqual([6 / 9, 2, 0, 1]);
    expect(classWeightsOf('fit', [1, 0.5], [0, 1], 2)).toEqual([1, 0.5]);
  });

  it('says what is wrong', () => {
    const of = (weights: unknown) => () => classWeightsOf('fit', weights as number[], [0, 0], 2);
    expect(of([1])).toThrow("fit: classWeights was [1]; it must be 'balanced' or hold 2 numbers");
    expect(of('even')).toThrow("fit: classWeights was 'even'; it must be 'balanced' or hold 2 numbers");
    expect(of([1, -1])).toThrow('fit: classWeights[1] was -1; it must be 0 or more');
    expect(of([0, 1])).toThrow('fit: classWeights was [0, 1]; a class with cases must weigh more than 0');
  });
});
