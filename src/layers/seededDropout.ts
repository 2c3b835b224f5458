import * as tf from '@tensorflow/tfjs-core';
import { checkRate } from '../checks/values.js';
import { dropout } from '../ops/dropout.js';
import type { LayerArgs } from './layerArgs.js';
import { type Reseedable, SeedStream } from './seedStream.js';
import { type CallOptions, SequenceLayer } from './sequenceLayer.js';

/** Arguments of SeededDropout. */
export interface SeededDropoutArgs extends LayerArgs {
  /** Probability that an element is dropped in training, in [0, 1). */
  rate: number;
  /** Makes the masks reproducible. */
  seed?: number;
}

/**
 * Dropout whose masks differ from step to step and can be reproduced. (tfjs's `layers.dropout` with a seed drops the
 * same elements at every step.) Any shape in, the same shape out; the identity outside training.
 */
export class SeededDropout extends SequenceLayer implements Reseedable {
  static readonly className = 'SeededDropout';
  private readonly rate: number;
  private readonly seed: number | undefined;
  private readonly seeds: SeedStream;

  constructor(args: SeededDropoutArgs) {
    super(args);
    this.rate = checkRate('SeededDropout', 'rate', args.rate);
    this.seed = args.seed ?? undefined;
    this.seeds = new SeedStream(this.seed);
  }

  reseed(seed: number): void {
    this.seeds.reseed(seed);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], options: CallOptions): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return options.training ? tf.tidy(() => dropout(x, this.rate, this.seeds.next())) : x;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed ?? null };
  }
}

tf.serialization.registerClass(SeededDropout);
