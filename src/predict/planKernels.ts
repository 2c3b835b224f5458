import type { Kernels } from '../runtime/builds.js';
import type { functions, tasks } from './generated/bindings.js';

/** Entry points of assembly/predict.ts. */
export type PlanTask = keyof typeof tasks;

/** The functions of a build for predicting. */
export type PlanKernels = Pick<
  Kernels,
  PlanTask | `${PlanTask}Tasks` | Extract<keyof Kernels, `${PlanTask}Scratch`> | keyof typeof functions
>;
