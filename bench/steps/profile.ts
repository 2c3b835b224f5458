// The share of each kernel in a step, in the process of one configuration.

import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import { startOurs } from '../processes/ours.js';
import { arithmeticRoof } from '../processes/roofline.js';
import type { Setting, Subject } from '../processes/subject.js';
import { stepOf } from './classifier.js';
import { poolOf } from './data.js';
import { CLASSES, type FormName, type StepModel } from './models.js';
import { type Tally, TimedKernels } from './timedKernels.js';

export interface ProfileJob {
  model: StepModel;
  form: FormName;
  /** Steps that are added up, after as many for warming up. */
  steps: number;
}

/** Steps after which V8 has optimised what is JavaScript in them. */
const WARM_STEPS = 1500;

/** Warms up the JavaScript of a step, in a fraction of its time: the same layers, with little to compute. */
function warmUpJavaScript(model: StepModel, form: FormName): void {
  const small: StepModel = { ...model, batch: 1, length: 8, width: 8 * model.heads, feedForward: 16 };
  const { step, dispose } = stepOf(small, form);
  const fresh = new FreshSteps(step, poolOf(small), CLASSES);
  for (let count = 0; count < WARM_STEPS; count++) fresh.step();
  dispose();
}

/** All is for one step on average. */
export interface ProfileFacts {
  milliseconds: number;
  kernels: (Tally & { ours: boolean })[];
  /** Kernels that are ours. */
  own: string[];
  /** GFLOP/s */
  roof: number;
}

export async function prepare({ model, form, steps }: ProfileJob, setting: Setting): Promise<Subject<ProfileFacts>> {
  const { kernels: own } = await startOurs(setting);
  const roof = await arithmeticRoof(setting);
  warmUpJavaScript(model, form);
  const fresh = new FreshSteps(stepOf(model, form).step, poolOf(model, 2 * steps), CLASSES);
  const timed = new TimedKernels();
  const run = () => {
    for (let count = 0; count < steps; count++) fresh.step();
  };
  run();
  timed.take();
  const begin = performance.now();
  run();
  const milliseconds = (performance.now() - begin) / steps;
  const kernels = timed.take().map(({ name, calls, milliseconds, flops, bytes }) => ({
    ...{ name, calls: calls / steps, milliseconds: milliseconds / steps, flops: flops / steps, bytes: bytes / steps },
    ours: own.includes(name.split(' ')[0]),
  }));
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  return { facts: { milliseconds, kernels, own, roof }, calls: {} };
}
