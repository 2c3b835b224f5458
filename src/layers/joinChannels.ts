import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { integer } from '../checks/rules.js';
import { type Call, CheckedLayer } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { type ArgumentTable, required } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms } from './sequenceLayer.js';
import { checkAllSeen } from './validPositions.js';

/** Arguments of JoinChannels. */
export interface JoinChannelsArgs extends LayerArgs {
  /** Channels that were samples of their own, C. */
  channels: number;
}

const argumentTable = { channels: required<number>(integer(1)) } satisfies ArgumentTable<JoinChannelsArgs>;

/**
 * Series of one channel each, samples since SeriesPatches, put together again. Input: [B C, H]. Output: [B, H, C].
 */
export class JoinChannels extends CheckedLayer<typeof argumentTable> {
  static readonly className = 'JoinChannels';

  constructor(args: JoinChannelsArgs) {
    super(args, argumentTable);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, H]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    const { channels } = this.settings;
    if (x[1] === null) throw new Error(`${this.owner}: x was ${formatSizes(x)}; its last size must be fixed`);
    if (x[0] === null || x[0] % channels === 0) return;
    throw new Error(`${this.owner}: x was ${formatSizes(x)}; its samples must be a multiple of channels, ${channels}`);
  }

  protected override shapeOfOutput([[samples, positions]]: Shape[]): Shape {
    const { channels } = this.settings;
    return [samples === null ? null : samples / channels, positions, channels];
  }

  /** Samples are others than before. */
  protected override outputMask(): null {
    return null;
  }

  protected override compute([x]: tf.Tensor[], { masks: [mask] }: Call): tf.Tensor {
    checkAllSeen(this.owner, 'x', mask, 'samples become others');
    const { channels } = this.settings;
    const [samples, positions] = x.shape as [number, number];
    return tf.transpose(tf.reshape(x, [samples / channels, channels, positions]), [0, 2, 1]);
  }
}
