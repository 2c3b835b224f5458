import { pickProperties } from '../pickProperties.js';
import type { ClassifierSizes } from './classifierSizes.js';
import type { TaskName } from '../data/modelMetadata.js';
import { forecasterOptionNames } from './modelFor.js';
import { forecastPlanNames, type RunPlan } from './runPlan.js';

/** What of a plan all runs of a comparison share, besides the sizes of their classifiers. */
const protocolNames = ['epochs', 'batchSize', 'learningRate', 'schedule', 'validation', 'headCases'] as const;

/** How all runs of a comparison train. With validation, the held-out share chooses the number of epochs. */
export interface Protocol extends Required<Pick<RunPlan, Exclude<(typeof protocolNames)[number], 'headCases'>>> {
  /** Test cases on which the heads of the trained model are compared; 0: they are not. */
  headCases: number;
}

/** The protocol among other options. */
export function protocolOf(options: Protocol): Protocol {
  return pickProperties(options, protocolNames);
}

/** What all runs of a comparison share where they forecast. */
export const forecastNames = [...forecastPlanNames, ...forecasterOptionNames] as const;

/** The plan of a comparison's run: equal ones give equal results on the same build, for any number of threads. */
export interface RunConfig
  extends Protocol, ClassifierSizes, Pick<RunPlan, (typeof forecastNames)[number] | 'patchSize'> {
  /** Name of the data set. */
  data: string;
  /** Hash of its cases. */
  fingerprint: string;
  /** What the models learn. */
  task: TaskName;
  form: string;
  seed: number;
  /** Of this package. */
  version: string;
}
