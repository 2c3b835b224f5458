import * as tf from '@tensorflow/tfjs-core';
import { batches } from '../../data/batches.js';
import { traitsOf } from '../../data/kinds/traitsOf.js';
import type { LabelledData } from '../../data/labelledData.js';
import { longest } from '../../data/longest.js';
import { targetStatistics } from '../../data/numberTargets.js';
import type { BaselineOutputs } from './forecastBaselines.js';

/** Cases that are compared with all of the training part at a time. */
const BATCH = 64;

/** The cases of a part as rows of numbers, padded to `length` positions. */
function* rowsOf(data: LabelledData, batchSize: number, length: number | undefined): Generator<tf.Tensor2D> {
  for (const { size, inputs } of batches(data, { batchSize, length })) {
    yield tf.tensor2d(inputs[0].values, [size, inputs[0].values.length / size]);
  }
}

/** For each case of `test`, the nearest one of `train`, by the Euclidean distance of standardised numbers. */
function nearestOf(train: LabelledData, test: LabelledData): number[] {
  const length = traitsOf(train).lengths(train) && longest(train as never, test as never);
  const all = tf.tidy(() => tf.concat([...rowsOf(train, BATCH, length)]));
  const squares = tf.tidy(() => tf.sum(tf.square(all), 1));
  const nearest: number[] = [];
  for (const rows of rowsOf(test, BATCH, length)) {
    const found = tf.tidy(() => {
      const products = tf.matMul(rows, all, false, true);
      return tf.argMin(tf.sub(squares, tf.mul(products, 2)), 1).dataSync();
    });
    nearest.push(...found);
    rows.dispose();
  }
  tf.dispose([all, squares]);
  return nearest;
}

/**
 * What simple rules give, beside which a regressor has to be seen: the mean of the training part for every case, and the number
 * of the nearest training case, by the Euclidean distance of standardised numbers, padded with zeros.
 *
 * @param train training part, standardised, of series or images; of tokens there is no distance
 * @param test part to give numbers for, with the targetStatistics of a model
 */
export function regressionBaselines(train: LabelledData, test: LabelledData): BaselineOutputs[] {
  const { targetStatistics: scale = targetStatistics(test.targets!) } = test;
  const output = (target: number) => [(target - scale.mean) / scale.deviation];
  const targets = train.targets!;
  const { mean } = targetStatistics(targets);
  const hasDistance = traitsOf(train).channels(train) !== null;
  return [
    { name: 'mean', outputs: test.targets!.map(() => output(mean)) },
    ...(hasDistance
      ? [{ name: 'nearest neighbour', outputs: nearestOf(train, test).map((index) => output(targets[index])) }]
      : []),
  ];
}
