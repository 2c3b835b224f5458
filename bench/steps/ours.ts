// Steps of one model in all forms, in the process of one configuration.

import { startOurs } from '../processes/ours.js';
import { arithmeticRoof } from '../processes/roofline.js';
import type { Setting, Subject } from '../processes/subject.js';
import { stepOf } from './classifier.js';
import type { FormName, StepModel } from './models.js';

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

let roof: number | undefined;

export async function prepare({ model, forms, losses }: StepJob, setting: Setting): Promise<Subject<StepFacts>> {
  await startOurs(setting);
  roof ??= await arithmeticRoof(setting);
  const steps = forms.map((form) => stepOf(model, form));
  const facts: StepFacts = { losses: {}, flops: {}, roof };
  for (const [index, form] of forms.entries()) {
    facts.flops[form] = steps[index].flops;
    facts.losses[form] = [];
    for (let count = 0; count < losses; count++) facts.losses[form].push(steps[index].step());
  }
  const calls = Object.fromEntries(forms.map((form, index) => [form, () => void steps[index].step()] as const));
  return { facts, calls, dispose: () => steps.forEach(({ dispose }) => dispose()) };
}
