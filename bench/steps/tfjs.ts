// Steps of one model by tfjs's own ops, in a process where our kernels are not registered.

import { startTfjs } from '../processes/ours.js';
import type { Subject } from '../processes/subject.js';
import type { StepFacts, StepJob } from './ours.js';
import { tfjsStepOf } from './tfjsModel.js';

export async function prepare({ model, losses }: StepJob): Promise<Subject<Pick<StepFacts, 'losses'>>> {
  await startTfjs();
  const { step, dispose } = tfjsStepOf(model);
  const facts = { losses: { softmax: Array.from({ length: losses }, step) } };
  return { facts, calls: { tfjs: () => void step() }, warm: true, dispose };
}
