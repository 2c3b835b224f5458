import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { predict } from '../../src/training/predict.js';
import { classification } from '../../src/training/tasks/classification.js';
import { taskOf } from '../../src/training/tasks/taskOf.js';
import { makeClassifier, slopes } from './slopes.js';

beforeAll(() => init());

const data = slopes(4, 1);

describe('taskOf', () => {
  it('knows classification by the names of the classes', () => {
    expect(taskOf('fit', data)).toBe(classification);
    expect(taskOf('writeRunReport', { title: 'A run', classNames: [] })).toBe(classification);
  });

  it('says what is missing', () => {
    expect(() => taskOf('fit', { series: [], labels: [] })).toThrow(
      'fit: the fields were series, labels; one must be classNames or targets',
    );
  });
});

describe('classification', () => {
  it('scores the most probable class and the probability of the right one', () => {
    const probabilities = [
      [0.75, 0.25],
      [0.5, 0.5],
      [0.5, 0.5],
      [0.25, 0.75],
    ];
    const { accuracy, loss, macroF1, confusion, predicted } = classification.evaluate(probabilities, data);
    expect(data.labels).toEqual([0, 1, 0, 1]);
    expect(predicted).toEqual([0, 0, 0, 1]); // of equal ones the first
    expect(accuracy).toBe(3 / 4);
    expect(loss).toBeCloseTo(-(2 * Math.log(0.75) + 2 * Math.log(0.5)) / 4, 12);
    expect(confusion).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(macroF1).toBeCloseTo((4 / 5 + 2 / 3) / 2, 12);
  });

  it('asks for a label of each case before it trains or evaluates, not to predict', async () => {
    const model = makeClassifier();
    const unknown = { ...data, labels: [0, -1, 1, 0] };
    const few = { ...data, labels: [0, 1, 1] };
    await expect(fit(model, unknown)).rejects.toThrow(
      'fit: the label of case 2 was -1, which stands for none; it must be an integer from 0 to 1',
    );
    await expect(fit(model, data, { validation: few })).rejects.toThrow(
      'fit: validation: the data had 3 labels; they must be 4, one for each case',
    );
    expect(() => evaluate(model, { ...data, labels: [0, 2, 1, 0] })).toThrow('evaluate: the label of case 2 was 2');
    expect(predict(model, { ...data, labels: [] })).toEqual(predict(model, data));
  });
});
