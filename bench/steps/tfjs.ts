// Steps of one model by tfjs's own ops, in a process where our kernels are not registered.

import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import { startTfjs } from '../processes/ours.js';
import type { Subject } from '../processes/subject.js';
import { poolOf } from './data.js';
import { CLASSES } from './models.js';
import type { StepFacts, StepJob, StepOutcome } from './ours.js';
import { tfjsStepOf } from './tfjsModel.js';

export async function prepare({
  model,
  losses,
}: StepJob): Promise<Subject<Pick<StepFacts, 'losses'>, Pick<StepOutcome, 'tfjs'>>> {
  await startTfjs();
  const { step, dispose } = tfjsStepOf(model);
  const fresh = new FreshSteps(step, poolOf(model), CLASSES);
  const facts = { losses: { softmax: Array.from({ length: losses }, () => fresh.step()) } };
  const calls = { tfjs: () => void fresh.step() };
  return { facts, calls, slow: true, outcome: () => ({ tfjs: fresh.loss }), dispose };
}
