import { type functions, tasks } from './generated/bindings.js';

/** Entry points of assembly/predict.ts. */
export type PlanTask = keyof typeof tasks;

/** All of them: a kernel's number is its place. */
export const planTasks = Object.keys(tasks) as PlanTask[];

type Size = (problem: number) => number;

/** The functions of a build for predicting: they take the address of a problem. */
export type PlanKernels = Record<PlanTask, (problem: number, task: number, scratch: number) => void> &
  Record<`${PlanTask}Tasks`, Size> &
  Partial<Record<`${PlanTask}Scratch`, Size>> &
  Record<keyof typeof functions, Size>;
