import type { Monitor } from '../isBetter.js';
import type { Task } from './task.js';

/** Scores by which models of a task are compared; the loss is for training. */
export type ComparedScore = Exclude<Monitor, 'loss'>;

/** Those of a task, the one that comparisons are about first. */
export const comparedScores = ({ monitors }: Pick<Task, 'monitors'>): ComparedScore[] =>
  monitors.filter((name) => name !== 'loss');
