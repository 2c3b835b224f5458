import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { rate } from '../checks/rules.js';
import { dropout } from '../ops/dropout.js';
import { selectPositions } from '../ops/selectPositions.js';
import type { Call } from './checkedLayer.js';
import type { LayerArgs } from './layerArgs.js';
import { type ArgumentTable, maybe, required, seedArgument } from './layerArguments.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';

/** Arguments of SeededDropout. */
export interface SeededDropoutArgs extends LayerArgs {
  /** Probability that an element is dropped in training, in [0, 1). */
  rate: number;
  /** As Keras has it: elements that share a decision have size 1 along an axis; null stands for the input's size. */
  noiseShape?: (number | null)[];
  /** Makes the masks reproducible. */
  seed?: number;
}

const noiseShapeRule = {
  must: 'an array of sizes, integers from 1 on or null',
  test: (value: unknown) =>
    Array.isArray(value) && value.every((size) => size === null || (Number.isInteger(size) && (size as number) >= 1)),
};

const argumentTable = {
  rate: required<number>(rate),
  noiseShape: maybe<(number | null)[]>(noiseShapeRule),
  seed: seedArgument,
} satisfies ArgumentTable<SeededDropoutArgs>;

/**
 * Dropout whose masks differ from step to step and can be reproduced. (tfjs's `layers.dropout` with a seed drops the
 * same elements at every step.) Any shape in, the same shape out; the identity outside training.
 */
export class SeededDropout extends SequenceLayer<typeof argumentTable> implements Reseedable {
  static readonly className = 'SeededDropout';
  private readonly seeds: SeedStream;

  constructor(args: SeededDropoutArgs) {
    super(args, argumentTable);
    this.seeds = new SeedStream(this.settings.seed ?? undefined);
  }

  reseed(seed: number): void {
    this.seeds.reseed(seed);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[...]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    const { noiseShape } = this.settings;
    if (!noiseShape) return;
    const fits = (size: number | null, axis: number) =>
      size === null || size === 1 || x[axis] === null || size === x[axis];
    if (noiseShape.length === x.length && noiseShape.every(fits)) return;
    throw new Error(
      `${this.owner}: noiseShape was [${noiseShape.join(', ')}]; it must hold ${x.length} sizes, each 1, null or x's`,
    );
  }

  protected override compute([x]: tf.Tensor[], { training }: Call): tf.Tensor {
    if (!training) return x;
    const { rate, noiseShape } = this.settings;
    const seed = this.seeds.next();
    if (!noiseShape) return dropout(x, rate, seed);
    const kept = dropout(tf.ones(noiseShape.map((size, axis) => size ?? x.shape[axis])), rate, seed);
    // Selected: what is dropped may be infinite, and so may its gradient.
    return tf.mul(selectPositions(x, tf.greater(kept, 0)), kept);
  }
}
