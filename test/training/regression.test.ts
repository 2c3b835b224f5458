import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/ops/init.js';
import { batches } from '../../src/data/batches.js';
import { targetStatistics } from '../../src/data/numberTargets.js';
import { timeSeriesRegressor } from '../../src/models/timeSeriesRegressor.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import { getMetadata, metadataOf, setMetadata } from '../../src/training/metadata.js';
import { predict } from '../../src/training/predict.js';
import { regressionScores } from '../../src/training/regressionScores.js';
import { regression } from '../../src/training/tasks/regression.js';
import { taskOf } from '../../src/training/tasks/taskOf.js';
import { random } from '../support/random.js';
import { makeClassifier, slopes } from './slopes.js';

beforeAll(() => init());

/** Series of one channel, and 1000 + 40 times the slope of each. */
function rises(cases: number, seed: number) {
  const source = random(`rises ${seed}`);
  const slopes = Array.from({ length: cases }, () => 2 * source.next() - 1);
  const lengths = slopes.map((_, index) => 4 + (index % 3));
  const series = slopes.map((slope, i) => {
    const noise = source.normals(lengths[i]);
    return Float32Array.from({ length: lengths[i] }, (_, t) => slope * (t - 2) + 0.05 * noise[t]);
  });
  return { series, lengths, channels: 1, targets: slopes.map((slope) => 1000 + 40 * slope) };
}

const make = () =>
  timeSeriesRegressor({ channels: 1, length: 6, width: 16, feedForward: 16, heads: 2, layers: 1, dropout: 0, seed: 1 });

describe('regressionScores', () => {
  it('are those of their definitions', () => {
    const scores = regressionScores([1, 2, 3, 6], [1, 4, 2, 6]);
    // Errors 0, 2, -1, 0; targets about 3: -2, -1, 0, 3.
    expect(scores).toEqual({ mse: 5 / 4, rmse: Math.sqrt(5 / 4), mae: 3 / 4, r2: 1 - 5 / 14 });
  });

  it('have no R2 where all targets are equal', () => {
    expect(regressionScores([2, 2], [2, 3])).toEqual({ mse: 1 / 2, rmse: Math.sqrt(1 / 2), mae: 1 / 2, r2: NaN });
  });
});

describe('regression', () => {
  it('is known by the numbers, also where there is an empty list of classes', () => {
    expect(taskOf('fit', rises(3, 1))).toBe(regression);
    expect(taskOf('fit', { ...rises(3, 1), classNames: [] })).toBe(regression);
    expect(taskOf('fit', { task: 'regression', classNames: [] })).toBe(regression);
    expect(() => taskOf('fit', { task: 'ranking' })).toThrow("fit: task was 'ranking'; it must be 'classification' or");
  });

  it('learns numbers in their own units, and chooses the epoch of the least RMSE', async () => {
    const [train, validation] = [rises(96, 1), rises(32, 2)];
    const scale = targetStatistics(train.targets);
    const model = make();
    const scaled = (data: typeof train) => ({ ...data, targetStatistics: scale });
    const history = await fit(model, scaled(train), {
      ...{ epochs: 60, learningRate: 0.01, batchSize: 16, seed: 1 },
      ...{ validation: scaled(validation), restoreBestWeights: true },
    });
    const { rmse, mae, r2, loss, predicted } = evaluate(model, scaled(validation));
    const outputs = predict(model, validation);
    // Float64: outputs are standardised, figures are not.
    const values = outputs.map(([output]) => scale.mean + scale.deviation * output);
    const right = regressionScores(validation.targets, values);
    expect(predicted).toEqual(values);
    expect({ rmse, mae, r2 }).toEqual({ rmse: right.rmse, mae: right.mae, r2: right.r2 });
    expect(loss).toBeCloseTo(right.mse / scale.deviation ** 2, 12);
    expect(rmse).toBe(Math.min(...history.map((epoch) => epoch.validation!.rmse!)));
    expect(r2).toBeGreaterThan(0.9);
    // The loss is about 1 at first, whatever the units are.
    expect(history[0].loss).toBeLessThan(3);
    model.dispose();
  });

  it('has the mean square error as its loss, and its gradient', () => {
    const data = { ...rises(3, 3), targets: [990, 1010, 1050], targetStatistics: { mean: 1000, deviation: 20 } };
    const [batch] = batches(data, { batchSize: 3 });
    expect([...batch.targets!]).toEqual([-0.5, 0.5, 2.5]);
    const model = make();
    const objective = regression.objective(model);
    const { value, grad } = tf.valueAndGrad((output) => objective.loss(output, batch))(tf.tensor2d([[0], [1], [2]]));
    expect(value.dataSync()[0]).toBeCloseTo((0.25 + 0.25 + 0.25) / 3, 6);
    [1, 1, -1].forEach((wanted, i) => expect(grad.dataSync()[i]).toBeCloseTo(wanted / 3, 6));
    model.dispose();
  });

  it('says what of data, model and options does not go together', async () => {
    const model = make();
    const data = rises(4, 1);
    const { targets } = data;
    await expect(fit(model, { ...data, targets: targets.slice(1) })).rejects.toThrow(
      'fit: targets was an array of 3; it must be an array of 4 numbers, one for each case',
    );
    expect(() => evaluate(model, { ...data, targets: [1, NaN, 2, 3] })).toThrow(
      'evaluate: the target of case 2 was NaN; it must be finite',
    );
    await expect(fit(makeClassifier(), data)).rejects.toThrow("the model's output was [B, 2]; it must be [B, 1]");
    await expect(fit(model, slopes(4, 1))).rejects.toThrow('the data had 2 classes; they must be 1');
    await expect(fit(model, data, { monitor: 'accuracy' })).rejects.toThrow(
      "monitor was 'accuracy'; it must be 'rmse' or",
    );
    await expect(fit(model, data, { labelSmoothing: 0.1 })).rejects.toThrow(
      'fit: labelSmoothing was 0.1 for regression; only classification takes it',
    );
  });

  it('keeps the scale of the targets with a model', () => {
    const model = make();
    const data = { ...rises(4, 1), labels: [], classNames: [], targetName: 'slope' };
    const statistics = { mean: [0], deviation: [1] };
    setMetadata(model, metadataOf(data, { data: 'rises', form: 'softmax', statistics }));
    expect(getMetadata(model)).toMatchObject({
      ...{ task: 'regression', classNames: [], kind: 'series' },
      target: { name: 'slope', ...targetStatistics(data.targets) },
    });
    const { documents, csv } = regression.predictionText([[0.5]], getMetadata(model), data);
    const { mean, deviation } = targetStatistics(data.targets);
    expect(documents).toEqual([{ case: 1, value: mean + 0.5 * deviation }]);
    expect(csv[0]).toEqual(['case', 'slope']);
    setMetadata(model, { ...getMetadata(model), target: { mean: 0, deviation: 0 } });
    expect(() => getMetadata(model)).toThrow('they must be mean and deviation of the numbers to give');
  });
});
