import { classification } from './classification.js';
import type { Task } from './task.js';

const tasks: readonly Task[] = [classification];

/**
 * The task that something is made for.
 *
 * @param owner the calling function's name, for errors
 * @param described data, or whatever else has the field by which a task is known
 * @throws Error if it has no such field
 */
export function taskOf(owner: string, described: object): Task {
  const task = tasks.find(({ knownBy }) => knownBy in described);
  if (task) return task;
  const fields = Object.keys(described).join(', ');
  throw new Error(
    `${owner}: the fields were ${fields}; one must be ${tasks.map(({ knownBy }) => knownBy).join(' or ')}`,
  );
}
