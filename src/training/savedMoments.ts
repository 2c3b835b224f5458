// Moments as an optimizer's getWeights gives them and setWeights takes them: `iter`, then `name/m`, `name/v`, ...

import * as tf from '@tensorflow/tfjs-core';
import { integer } from '../checks/rules.js';
import { checkTensor, formatShape } from '../checks/tensors.js';
import { check, formatValue } from '../checks/values.js';
import { type Moments, savedParts } from './momentStore.js';

export type NamedTensor = { name: string; tensor: tf.Tensor };

const STEPS = 'steps';

/** @returns the tensors: those of moments are the optimizer's own, the numbers of steps are made for the caller */
export function savedMoments(iterations: number, all: readonly Moments[]): NamedTensor[] {
  return [
    { name: 'iter', tensor: tf.scalar(iterations, 'int32') },
    ...savedParts.flatMap(([part, end]) =>
      all.flatMap(({ name, [part]: tensor }) => (tensor ? [{ name: `${name}/${end}`, tensor }] : [])),
    ),
    // Only of variables that were not stepped each time.
    ...all.flatMap(({ name, steps }) =>
      steps === iterations ? [] : [{ name: `${name}/${STEPS}`, tensor: tf.scalar(steps, 'int32') }],
    ),
  ];
}

function stepsOf(owner: string, name: string, tensor: tf.Tensor): number {
  checkTensor(owner, name, tensor, ['int32', 'float32']);
  const [steps] = tensor.dataSync();
  check(owner, name, steps, integer(0));
  return steps;
}

/** Checks a moment: as large as the first one, and finite. */
function checkMoment(owner: string, name: string, tensor: tf.Tensor, shape: readonly number[]): void {
  checkTensor(owner, name, tensor, ['float32']);
  if (!tf.util.arraysEqual(tensor.shape, shape as number[])) {
    throw new Error(`${owner}: ${name} was ${formatShape(tensor)}; it must be [${shape.join(', ')}]`);
  }
  const least = name.endsWith('/m') ? -Infinity : 0;
  const wrong = tensor.dataSync().find((value) => !Number.isFinite(value) || value < least);
  if (wrong === undefined) return;
  throw new Error(`${owner}: ${name} held ${wrong}; it must be finite${least === 0 ? ', and 0 or more' : ''}`);
}

/**
 * Reads what savedMoments gave.
 *
 * @param owner of the errors
 * @param weights named tensors; they stay the caller's
 * @param withMost whether there must be a largest mean of squares
 * @throws Error that names what is missing, too much, not finite or of another shape; nothing is made then
 */
export function readMoments(
  owner: string,
  weights: readonly NamedTensor[],
  withMost: boolean,
): { iterations: number; moments: Moments[] } {
  if (!Array.isArray(weights) || weights.length === 0) {
    const was = Array.isArray(weights) ? 'empty' : formatValue(weights);
    throw new Error(`${owner}: weights was ${was}; it must be what getWeights of an optimizer of this kind gave`);
  }
  const [first, ...rest] = weights as NamedTensor[];
  if (first.name !== 'iter')
    throw new Error(`${owner}: weights began with '${first.name}'; they must begin with 'iter'`);
  const iterations = stepsOf(owner, 'iter', first.tensor);
  const found = new Map<string, Map<string, tf.Tensor>>();
  for (const { name, tensor } of rest) {
    const [, variable, end] = /^(.*)\/(\w+)$/s.exec(name) ?? [];
    const known = [...savedParts.map(([, part]) => part), STEPS] as string[];
    const taken = known.includes(end) && (end !== 'vmax' || withMost) && !found.get(variable)?.has(end);
    if (!taken) throw new Error(`${owner}: weights held '${name}'; they must be those of an optimizer like this one`);
    found.set(variable, (found.get(variable) ?? new Map<string, tf.Tensor>()).set(end, tensor));
  }
  const parts = savedParts.slice(0, withMost ? 3 : 2);
  for (const [variable, tensors] of found) {
    const missing = parts.find(([, end]) => !tensors.has(end));
    if (missing) throw new Error(`${owner}: weights had no '${variable}/${missing[1]}'; they must hold it`);
    for (const [, end] of parts) checkMoment(owner, `${variable}/${end}`, tensors.get(end)!, tensors.get('m')!.shape);
  }
  const moments = [...found].map(([name, tensors]): Moments => {
    const copies = parts.map(([, end]) => tf.variable(tensors.get(end)!, false));
    const steps = tensors.has(STEPS) ? stepsOf(owner, `${name}/${STEPS}`, tensors.get(STEPS)!) : iterations;
    return { name, first: copies[0], second: copies[1], most: copies[2], steps };
  });
  return { iterations, moments };
}
