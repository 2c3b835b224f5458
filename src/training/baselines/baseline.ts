import { pickProperties } from '../../pickProperties.js';
import type { Columns } from '../../report/html.js';
import { bestOf, isBetter } from '../isBetter.js';
import { exactly, scores } from '../scores.js';
import { type ComparedScore, comparedScores } from '../tasks/comparedScores.js';
import type { BaselineParts, Task } from '../tasks/task.js';

/** How a simple rule does on the test part. */
export interface Baseline extends Partial<Record<ComparedScore, number>> {
  name: string;
}

/** The baselines of a task, with the scores that it compares. */
export function baselinesOf(task: Task, parts: BaselineParts): Baseline[] {
  const names = comparedScores(task);
  return (task.baselines?.(parts) ?? []).map(({ name, outputs }) => {
    const evaluation = task.evaluate(outputs, parts.test) as Partial<Record<ComparedScore, number>>;
    return { name, ...pickProperties(evaluation, names) };
  });
}

/** Baselines, and what stands beside them, as a table. */
export const baselineColumns = (names: readonly ComparedScore[]): Columns<Baseline> => ({
  columns: [
    ['by', -12, ({ name }) => name],
    ...names.map((score) => [scores[score].title, 8, (row: Baseline) => scores[score].format(row[score]!)] as const),
  ],
});

/**
 * Says who does best.
 *
 * @param names scores of the task, the one that decides first
 * @param model its scores, and what it is called: 'The model', or a form
 * @param baselines one or more
 */
export function verdict(names: readonly ComparedScore[], model: Baseline, baselines: readonly Baseline[]): string {
  const [main] = names;
  const best = bestOf(main, baselines)!;
  const scoreOf = (row: Baseline) => `${scores[main].title} ${exactly(main, row[main]!)}`;
  if (isBetter(main, model, best)) {
    return `${model.name} does better than every simple rule: ${scoreOf(model)} against ${scoreOf(best)} of '${best.name}'.`;
  }
  return `${model.name} does not do better than '${best.name}': ${scoreOf(model)} against ${scoreOf(best)}.`;
}
