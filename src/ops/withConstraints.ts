// Weights that are projected after each step of an optimizer, and optimizers that change weights in place.

import type { Variable } from '@tensorflow/tfjs-core';

/** Weights whose `assign` projects what it is given. */
export const constrained = new WeakSet<Variable>();
/** Those of them that have been, since this was last asked. */
export const projected = new WeakSet<Variable>();

/** Does a step that changes variables in place, and projects those that are constrained. */
export function withConstraints(variables: readonly Variable[], step: () => void): void {
  for (const variable of variables) projected.delete(variable);
  step();
  for (const variable of variables) {
    if (constrained.has(variable) && !projected.has(variable)) variable.assign(variable);
  }
}
