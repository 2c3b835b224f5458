import { oneOf } from '../../checks/rules.js';
import { check } from '../../checks/values.js';
import { classification } from './classification.js';
import { forecasting } from './forecasting.js';
import { regression } from './regression.js';
import type { TaskName } from '../../data/modelMetadata.js';
import type { Task } from './task.js';

const tasks: { readonly [Name in TaskName]: Task } = {
  // Data of numbers may have an empty list of classes.
  forecasting,
  regression,
  classification,
};

/** Names of all tasks. */
export const taskNames = ['classification', 'regression', 'forecasting'] as const satisfies readonly TaskName[];

/** What something says of its task. */
type Described = { task?: TaskName } & { [Field in Task['knownBy']]?: unknown };

/**
 * The task that something is made for: what it says, else by the field by which a task is known.
 *
 * @param owner the calling function's name, for errors
 * @param described data, metadata of a model, or options of a report
 * @throws Error if it has no such field, or names another task
 */
export function taskOf(owner: string, described: object): Task {
  const { task: name, ...fields } = described as Described;
  if (name !== undefined) {
    check(owner, 'task', name, oneOf(taskNames));
    return tasks[name];
  }
  const all = Object.values(tasks);
  const task = all.find(({ knownBy }) => fields[knownBy] !== undefined);
  if (task) return task;
  const known = taskNames.map((name) => tasks[name].knownBy).join(' or ');
  throw new Error(`${owner}: the fields were ${Object.keys(described).join(', ')}; one must be ${known}`);
}
