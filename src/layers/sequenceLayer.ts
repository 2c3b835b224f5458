import type * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { formatValue } from '../checks/values.js';
import { type CallOptions, CheckedLayer } from './checkedLayer.js';
import { formatSizes, type InputForm } from './layerInputs.js';
import type { Argument } from './layerArguments.js';
import { clearPadding, validPositions } from './validPositions.js';

const lengthTypes = ['float32', 'int32'];

/** Sequences that may be padded: x [B, N, C], then lengths [B, 1] if they are. */
export function paddedForms(owner: string, { length: count }: readonly Shape[]): readonly InputForm[] {
  return countForms(owner, count, 1, [
    { name: 'x', form: '[B, N, C]', dtypes: ['float32'] },
    { name: 'lengths', form: '[B, 1]', dtypes: lengthTypes },
  ]);
}

/** Forms of so many inputs; throws Error if there must be more or fewer. */
export function countForms(
  owner: string,
  count: number,
  least: number,
  forms: readonly InputForm[],
): readonly InputForm[] {
  if (count >= least && count <= forms.length) return forms;
  const all = forms.map(({ name, form }, index) => `${name} ${form}${index < least ? '' : ' if it is padded'}`);
  throw new Error(`${owner}: inputs were ${formatValue(count)} tensors; they must be ${all.join(', then ')}`);
}

/** Lengths must be [B, 1], a sample each. */
export function checkLengthSizes(owner: string, x: Shape, lengths: Shape | undefined): void {
  if (lengths === undefined) return;
  const fits = (was: number | null, must: number | null) => was === null || must === null || was === must;
  if (fits(lengths[0], x[0]) && fits(lengths[1], 1)) return;
  throw new Error(
    `${owner}: lengths was ${formatSizes(lengths)}; it must be ${formatSizes([x[0], 1])}, to fit x, ${formatSizes(x)}`,
  );
}

/** A layer whose output has the shape of its only or first input, and whose Keras mask goes on with it. */
export abstract class SequenceLayer<
  Arguments extends Readonly<Record<string, Argument<never>>>,
  Options extends CallOptions = CallOptions,
> extends CheckedLayer<Arguments, Options> {
  protected override shapeOfOutput([x]: Shape[]): Shape {
    return x;
  }

  /** x whose hidden positions do no harm to gradients, which those of all positions share before long. */
  protected clear(x: tf.Tensor, mask: tf.Tensor | null, lengths?: tf.Tensor): tf.Tensor {
    return x.rank === 3 ? clearPadding(x, validPositions(this.owner, x, lengths, mask)) : x;
  }
}
