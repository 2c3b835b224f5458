import { pickProperties } from '../pickProperties.js';
import type { ClassifierSizes } from './classifierSizes.js';
import type { RunPlan } from './runPlan.js';

/** What of a plan all runs of a comparison share, besides the sizes of their classifiers. */
export const protocolNames = ['epochs', 'batchSize', 'learningRate', 'schedule', 'validation'] as const;

/** How all runs of a comparison train. With validation, the held-out share chooses the number of epochs. */
export type Protocol = Required<Pick<RunPlan, (typeof protocolNames)[number]>>;

/** The protocol among other options. */
export function protocolOf(options: Protocol): Protocol {
  return pickProperties(options, protocolNames);
}

/** The plan of a comparison's run: equal ones give equal results on the same build, for any number of threads. */
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
