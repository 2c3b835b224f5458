// From the numbers at the end of a plan to what a predictor says of a case, by task.

import { channelLevels } from './channelLevels.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import type { PredictionTask, Predictions } from './types.js';

/** How the outputs of a task are read. */
export interface OutputReader<Task extends PredictionTask = PredictionTask> {
  /** What `info` says of them. */
  facts: { classNames: string[]; outputShape: number[] };
  /**
   * @param at where a case's numbers begin
   * @param series where the case's own numbers begin, as the model was given them
   */
  read(values: Float32Array, at: number, series: number): Predictions[Task];
}

type Metadata = Partial<ModelMetadata>;

/** What of a plan's end is needed to read it. */
export interface PlanEnd {
  /** Numbers of a case at its end, and shape of the case. */
  count: number;
  input: readonly number[];
  /** See Plan. */
  restoration: { epsilon: number } | undefined;
}

const tasks: { readonly [Task in PredictionTask]: (end: PlanEnd, metadata: Metadata) => OutputReader<Task> } = {
  classification({ count }, { classNames }) {
    const names = classNames ?? Array.from({ length: count }, (_, index) => `${index}`);
    if (names.length !== count) {
      throw new Error(`loadPredictor: the model had ${names.length} classNames; they must be ${count}, as its outputs`);
    }
    return {
      facts: { classNames: names, outputShape: [count] },
      read(values, at) {
        const probabilities = softmax(values, at, count);
        let best = 0;
        for (let c = 1; c < count; c++) if (probabilities[c] > probabilities[best]) best = c;
        return { label: names[best], probabilities };
      },
    };
  },
  regression({ count }, { target }) {
    if (count !== 1) throw new Error(`loadPredictor: a regressor's output was of ${count} numbers; it must be of 1`);
    const { mean, deviation } = target ?? { mean: 0, deviation: 1 };
    return {
      facts: { classNames: [], outputShape: [] },
      read: (values, at) => ({ value: mean + deviation * values[at] }),
    };
  },
  forecasting({ count, input: [positions, channels], restoration }, { statistics }) {
    const horizon = count / channels;
    if (!Number.isInteger(horizon)) {
      throw new Error(
        `loadPredictor: a forecaster's output was of ${count} numbers; it must be some for each of ${channels} channels`,
      );
    }
    const { mean, deviation } = statistics ?? {
      mean: new Array<number>(channels).fill(0),
      deviation: new Array<number>(channels).fill(1),
    };
    return {
      facts: { classNames: [], outputShape: [horizon, channels] },
      read(values, at, series) {
        const own = restoration && channelLevels(values, series, { positions, channels, epsilon: restoration.epsilon });
        const number = (t: number, c: number) => {
          const output = values[at + t * channels + c];
          return mean[c] + deviation[c] * (own ? own.mean[c] + own.deviation[c] * output : output);
        };
        const steps = Array.from({ length: horizon }, (_, t) => mean.map((_, c) => number(t, c)));
        return { forecast: steps };
      },
    };
  },
};

/**
 * @param task the model's
 * @param end see PlanEnd
 * @param metadata what the model has kept of its task
 * @throws Error if they do not go together, or there is no such task
 */
export function outputReader(task: PredictionTask, end: PlanEnd, metadata: Metadata): OutputReader {
  if (!Object.hasOwn(tasks, task)) {
    throw new Error(
      `loadPredictor: the model's task was ${String(task)}; it must be ${Object.keys(tasks).join(' or ')}`,
    );
  }
  return tasks[task](end, metadata);
}

/** Of `count` numbers from `at` on. */
function softmax(values: Float32Array, at: number, count: number): Float32Array {
  let most = -Infinity;
  for (let c = 0; c < count; c++) most = Math.max(most, values[at + c]);
  const result = new Float32Array(count);
  let sum = 0;
  for (let c = 0; c < count; c++) sum += Math.exp(values[at + c] - most);
  for (let c = 0; c < count; c++) result[c] = Math.exp(values[at + c] - most) / sum;
  return result;
}
