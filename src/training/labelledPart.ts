import type { LayersModel } from '@tensorflow/tfjs-layers';
import { caseCount } from '../data/caseCount.js';
import { checkCases } from '../data/checkData.js';
import type { Cases } from '../data/labelledData.js';
import { checkModel, inputLength } from './modelInputs.js';
import type { Task } from './tasks/task.js';
import { taskOf } from './tasks/taskOf.js';

/**
 * Checks all of a part that a model is to be trained or evaluated on.
 *
 * @param owner the calling function's name, and which part it is, for errors
 * @param model the model
 * @param data the part
 * @returns what the model is trained to do, and the length that it pads to: undefined if it takes any
 * @throws Error if there is no case, model and data do not fit, or a case, which is named, counted from 1, has no target or one
 *   that cannot be, no positions, a wrong number of numbers, one that is not finite, or a token outside the vocabulary
 */
export function checkLabelledPart(
  owner: string,
  model: LayersModel,
  data: Cases,
): { task: Task; length: number | undefined } {
  checkModel(owner, model);
  checkCases(owner, data, []);
  if (caseCount(data) === 0) throw new Error(`${owner}: the data had no case; it must have at least one`);
  const length = inputLength(owner, model, data);
  const task = taskOf(owner, data);
  task.checkOutputs(owner, model, data);
  task.checkTargets(owner, data);
  return { task, length };
}
