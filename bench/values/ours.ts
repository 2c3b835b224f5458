// A work with several kinds of values, in the process of one configuration.

import * as tf from '@tensorflow/tfjs-core';
import { startOurs } from '../processes/ours.js';
import type { Setting, Subject } from '../processes/subject.js';
import { unit } from './operandValues.js';
import { valuesRowNamed } from './rows.js';
import { tensorsOf } from './work.js';

/**
 * The calls are named after the values, and `unit`'s is the first.
 *
 * @param names of rows of one work
 */
export async function prepare(names: readonly string[], setting: Setting): Promise<Subject> {
  await startOurs(setting);
  const chosen = names.map(valuesRowNamed);
  const { work } = chosen[0];
  const prepared = [unit, ...chosen.map(({ values }) => values)].map((values) => {
    const tensors = tensorsOf(work, values);
    const call = () => tf.dispose(tf.tidy(() => work.run(tensors)));
    return { name: values.name, tensors, call };
  });
  return {
    facts: undefined,
    calls: Object.fromEntries(prepared.map(({ name, call }) => [name, call] as const)),
    dispose: () => tf.dispose(prepared.map(({ tensors }) => tensors)),
  };
}
