// Steps of one model in all forms, in the process of one configuration.

import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import type { LossTrace } from '../../src/benchmarks/lossTrace.js';
import { startOurs } from '../processes/ours.js';
import { arithmeticRoof } from '../processes/roofline.js';
import type { Setting, Subject } from '../processes/subject.js';
import { stepOf } from './classifier.js';
import { poolOf } from './data.js';
import { CLASSES, type FormName, type StepModel } from './models.js';

export interface StepJob {
  model: StepModel;
  forms: FormName[];
  /** Steps whose losses are told. */
  losses: number;
}

export interface StepFacts {
  /** Of the first steps, by form. */
  losses: Record<string, number[]>;
  /** Floating-point operations of a step, by form. */
  flops: Record<string, number>;
  /** GFLOP/s */
  roof: number;
}

/** Losses of the whole measurement, by form. */
export type StepOutcome = Record<string, LossTrace>;

let roof: number | undefined;

export async function prepare(
  { model, forms, losses }: StepJob,
  setting: Setting,
): Promise<Subject<StepFacts, StepOutcome>> {
  await startOurs(setting);
  roof ??= await arithmeticRoof(setting);
  const pool = poolOf(model);
  const steps = forms.map((form) => stepOf(model, form));
  const fresh = steps.map(({ step }) => new FreshSteps(step, pool, CLASSES));
  const facts: StepFacts = { losses: {}, flops: {}, roof };
  for (const [index, form] of forms.entries()) {
    facts.flops[form] = steps[index].flops;
    facts.losses[form] = [];
    for (let count = 0; count < losses; count++) facts.losses[form].push(fresh[index].step());
  }
  return {
    facts,
    calls: Object.fromEntries(forms.map((form, index) => [form, () => void fresh[index].step()] as const)),
    outcome: () => Object.fromEntries(forms.map((form, index) => [form, fresh[index].loss] as const)),
    dispose: () => steps.forEach(({ dispose }) => dispose()),
  };
}
