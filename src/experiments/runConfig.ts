import type { ClassifierSizes } from './classifierSizes.js';
import type { Schedule } from '../training/schedules.js';

/** How all runs of a comparison train. */
export interface Protocol {
  epochs: number;
  batchSize: number;
  learningRate: number;
  schedule: Schedule;
  /** Share of the training part that is held out to choose the number of epochs; 0: none is chosen. */
  validation: number;
}

/** All that the result of a run depends on: equal configurations give equal results, for any number of threads. */
export interface RunConfig extends Protocol, ClassifierSizes {
  /** Name of the data set. */
  data: string;
  /** Hash of its cases. */
  fingerprint: string;
  form: string;
  seed: number;
  /** Of this package. */
  version: string;
}

/** Name of a run, for files and people: JapaneseVowels-bn+sh-0. */
export function runName({ data, form, seed }: Pick<RunConfig, 'data' | 'form' | 'seed'>): string {
  return `${data}-${form}-${seed}`;
}
