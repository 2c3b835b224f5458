import * as tf from '@tensorflow/tfjs-core';
import type { LabelledData } from '../../data/labelledData.js';
import type { ForecastTargets } from '../../data/numberTargets.js';
import type { TimeSeriesData } from '../../data/timeSeries.js';
import { type Timeline, lagProducts, timelineOf } from './lagProducts.js';
import { solveSymmetric } from './leastSquares.js';

/** Parts by forecastWindows, standardised. */
type Windows = TimeSeriesData & ForecastTargets;
const windowsOf = (data: LabelledData) => data as Windows;

/** Outputs of a rule, as a model would give them, and what the rule is. */
export interface BaselineOutputs {
  name: string;
  /** [cases][outputs] */
  outputs: number[][];
}

/** Penalties of the squares of the weights, for windows of variance 1: the validation part chooses among them. */
const PENALTIES = [1e-6, 1e-4, 1e-2, 0.1, 1];
/** Windows that are multiplied at a time. */
const BATCH = 256;

/** Mean over all positions of (x[t + lag] - x[t])^2. */
function lagError({ channels, positions }: Timeline, lag: number): number {
  let sum = 0;
  for (const x of channels) for (let t = lag; t < positions; t++) sum += (x[t] - x[t - lag]) ** 2;
  return sum / (channels.length * (positions - lag));
}

/**
 * The period whose last one, repeated, forecasts the training part best, of 1 (the last value stays) up to the length of what a
 * model is given.
 */
function seasonOf(timeline: Timeline, length: number, horizon: number): number {
  const errors = Array.from({ length: length + horizon }, (_, lag) => lagError(timeline, lag));
  let [best, least] = [1, Infinity];
  for (let period = 1; period <= length; period++) {
    let error = 0;
    for (let step = 0; step < horizon; step++) error += errors[period * (Math.floor(step / period) + 1)];
    if (error < least) [best, least] = [period, error];
  }
  return best;
}

function repeated({ series, channels }: Windows, period: number, horizon: number): number[][] {
  return series.map((values) => {
    const from = values.length - period * channels;
    return Array.from({ length: horizon * channels }, (_, i) => values[from + (i % (period * channels))]);
  });
}

/** A linear map of what is given to what is forecast, the same for all channels. */
interface LinearMap {
  /** [length][horizon] */
  weights: Float64Array[];
  /** [horizon] */
  biases: Float64Array;
}

/** Linear maps that have the least square error, and for each penalty of PENALTIES so many times their squares, on a timeline. */
function linearMaps(timeline: Timeline, length: number, horizon: number): LinearMap[] {
  const { products, sums, count } = lagProducts(timeline, length + horizon, length);
  const covariance = (i: number, j: number) => products[i][j] / count - (sums[i] / count) * (sums[j] / count);
  return PENALTIES.map((penalty) => {
    const left = products.map((_, i) =>
      Float64Array.from({ length }, (_, j) => covariance(i, j) + (i === j ? penalty : 0)),
    );
    const weights = products.map((_, i) =>
      Float64Array.from({ length: horizon }, (_, step) => covariance(i, length + step)),
    );
    solveSymmetric(left, weights);
    const biases = Float64Array.from({ length: horizon }, (_, step) =>
      weights.reduce((sum, row, i) => sum - (row[step] * sums[i]) / count, sums[length + step] / count),
    );
    return { weights, biases };
  });
}

function mapped({ series, channels }: Windows, { weights, biases }: LinearMap): number[][] {
  const [length, horizon] = [weights.length, biases.length];
  const rows: number[][] = [];
  const kernel = tf.tensor2d(Float32Array.from(weights.flatMap((row) => [...row])), [length, horizon]);
  for (let start = 0; start < series.length; start += BATCH) {
    const some = series.slice(start, start + BATCH);
    const found = tf.tidy(() => {
      const values = new Float32Array(some.length * length * channels);
      some.forEach((one, b) => values.set(one, b * length * channels));
      const byChannel = tf.transpose(tf.tensor3d(values, [some.length, length, channels]), [0, 2, 1]);
      const flat = tf.reshape(byChannel, [some.length * channels, length]);
      const forecast = tf.add(tf.matMul(flat, kernel), tf.tensor1d(Float32Array.from(biases)));
      const byStep = tf.transpose(tf.reshape(forecast, [some.length, channels, horizon]), [0, 2, 1]);
      return tf.reshape<tf.Rank.R2>(byStep, [some.length, horizon * channels]).arraySync();
    });
    rows.push(...found);
  }
  kernel.dispose();
  return rows;
}

function squareError(outputs: readonly number[][], { futures }: Windows): number {
  let sum = 0;
  outputs.forEach((row, index) => row.forEach((value, i) => (sum += (value - futures![index][i]) ** 2)));
  return sum;
}

/**
 * Forecasts of simple rules, beside which a model has to be seen:
 *
 * - the seasonal naive one: the last period again, its length the one that does best on the training part;
 * - a linear map of the given positions to the forecast ones, the same for all channels: what DLinear and NLinear can express,
 *   fitted by least squares on the training part, with the penalty of its squares that does best on the validation part.
 *
 * @param train training part by forecastWindows, standardised
 * @param validation part that chooses the penalty; without one it is the least
 * @param test part to forecast
 * @see Zeng et al., Are Transformers Effective for Time Series Forecasting? (DLinear), arXiv 2205.13504; Toner and Darlow, An
 *   Analysis of Linear Time Series Forecasting Models, arXiv 2403.14587, for the closed form
 */
export function forecastBaselines(
  train: LabelledData,
  validation: LabelledData | undefined,
  test: LabelledData,
): BaselineOutputs[] {
  const [own, unseen] = [windowsOf(train), windowsOf(test)];
  const [length, horizon] = [own.lengths[0], own.horizon!];
  const timeline = timelineOf(own);
  const period = seasonOf(timeline, length, horizon);
  const maps = linearMaps(timeline, length, horizon);
  const scored = validation && windowsOf(validation);
  const errors = scored && maps.map((map) => squareError(mapped(scored, map), scored));
  const best = maps[errors ? errors.indexOf(Math.min(...errors)) : 0];
  return [
    { name: `seasonal naive, period ${period}`, outputs: repeated(unseen, period, horizon) },
    { name: 'linear (as DLinear)', outputs: mapped(unseen, best) },
  ];
}
