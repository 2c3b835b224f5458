import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { boolean, integer } from '../checks/rules.js';
import { type Call, CheckedLayer } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { type ArgumentTable, optional, required } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { patchCount, patchPositions } from './patchIndices.js';
import { countForms } from './sequenceLayer.js';
import { checkAllSeen } from './validPositions.js';

/** Arguments of SeriesPatches. */
export interface SeriesPatchesArgs extends LayerArgs {
  /** Positions of a patch, P; at most those of the series and `stride` more. */
  patchLength: number;
  /** Positions from the beginning of a patch to that of the next. */
  stride: number;
  /** Whether each channel is a series of its own; default true. */
  channelIndependent?: boolean;
}

const argumentTable = {
  patchLength: required<number>(integer(1)),
  stride: required<number>(integer(1)),
  channelIndependent: optional<boolean>(boolean, true),
} satisfies ArgumentTable<SeriesPatchesArgs>;

/**
 * Series cut into patches of P positions, which overlap where the stride is below P; behind the series its last value is
 * repeated `stride` times. A dense layer behind it is a patch embedding. Of M patches:
 * Input: [B, N, C]. Output: [B C, M, P], each channel a sample; or [B, M, P C].
 *
 * @see Nie et al., A Time Series is Worth 64 Words, arXiv 2211.14730
 */
export class SeriesPatches extends CheckedLayer<typeof argumentTable> {
  static readonly className = 'SeriesPatches';

  constructor(args: SeriesPatchesArgs) {
    super(args, argumentTable);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    const [, positions, channels] = x;
    const { patchLength, stride } = this.settings;
    if (positions === null || channels === null || positions < 1 || channels < 1) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its positions and channels must be fixed, 1 or more`);
    }
    if (patchLength <= positions + stride) return;
    throw new Error(
      `${this.owner}: patchLength was ${patchLength}; it must be at most ${positions + stride}, ${positions} positions and the stride`,
    );
  }

  protected override shapeOfOutput([[batch, positions, channels]]: Shape[]): Shape {
    const { patchLength, stride, channelIndependent } = this.settings;
    const patches = patchCount({ positions: positions!, patchLength, stride });
    if (!channelIndependent) return [batch, patches, patchLength * channels!];
    return [batch === null ? null : batch * channels!, patches, patchLength];
  }

  /** Positions become patches. */
  protected override outputMask(): null {
    return null;
  }

  protected override compute([x]: tf.Tensor[], { masks: [mask] }: Call): tf.Tensor {
    checkAllSeen(this.owner, 'x', mask, 'patches take them all together');
    const { patchLength, stride, channelIndependent } = this.settings;
    const indices = tf.tensor1d(patchPositions({ positions: x.shape[1]!, patchLength, stride }), 'int32');
    const shape = this.shapeOfOutput([x.shape]) as number[];
    if (!channelIndependent) return tf.reshape(tf.gather(x, indices, 1), shape);
    return tf.reshape(tf.gather(tf.transpose(x, [0, 2, 1]), indices, 2), shape);
  }
}
