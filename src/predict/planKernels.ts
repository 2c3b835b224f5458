import type { functions } from '../runtime/generated/bindings.js';
import type { Kernels, TaskName } from '../runtime/builds.js';

/** Entry points of assembly/predict.ts. */
export type PlanTask = Extract<
  TaskName,
  | 'addPositions'
  | 'attentionForward'
  | 'attentionKeys'
  | 'blend'
  | 'gatherRows'
  | 'gelu'
  | 'layerNormalization'
  | 'maskPositions'
  | 'normalizeColumns'
  | 'packRight'
  | 'poolPositions'
  | 'product'
>;

/** Its other functions. */
export type PlanFunction = Extract<
  keyof typeof functions,
  'attentionSharedBytes' | 'attentionWorkspaceBytes' | 'packRightBytes'
>;

/** The functions of a build for predicting. */
export type PlanKernels = Pick<
  Kernels,
  PlanTask | `${PlanTask}Tasks` | Extract<keyof Kernels, `${PlanTask}Scratch`> | PlanFunction
>;
