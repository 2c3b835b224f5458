import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { aboveZero, number } from '../checks/rules.js';
import { addPositions } from '../ops/addPositions.js';
import { type ArgumentTable, optional } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';
import { sinusoids } from './sinusoids.js';

/** Arguments of SinePositionEncoding. */
export interface SinePositionEncodingArgs extends LayerArgs {
  /** What the input is multiplied by before the positions join it; default 1. */
  scale?: number;
  /** Slowest wave, in positions over 2 pi; default 10,000. */
  maxWavelength?: number;
}

const argumentTable = {
  scale: optional<number>(
    number(() => true, 'finite'),
    1,
  ),
  maxWavelength: optional<number>(aboveZero, 10_000),
} satisfies ArgumentTable<SinePositionEncodingArgs>;

/**
 * scale x plus fixed sine and cosine waves over the positions, which any length has. Input: [B, N, C]. Output: [B, N, C].
 *
 * @see Vaswani et al., arXiv 1706.03762, section 3.5
 */
export class SinePositionEncoding extends SequenceLayer<typeof argumentTable> {
  static readonly className = 'SinePositionEncoding';
  /** Of the latest length. */
  private latest: { shape: [number, number]; values: Float32Array } = { shape: [0, 0], values: new Float32Array() };

  constructor(args: SinePositionEncodingArgs = {}) {
    super(args, argumentTable);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override compute([x]: tf.Tensor[]): tf.Tensor {
    return addPositions(x, this.positions(x.shape[1]!, x.shape[2]!), this.settings.scale);
  }

  private positions(length: number, channels: number): tf.Tensor2D {
    const shape: [number, number] = [length, channels];
    if (!tf.util.arraysEqual(this.latest.shape, shape)) {
      this.latest = { shape, values: sinusoids(length, channels, this.settings.maxWavelength) };
    }
    return tf.tensor2d(this.latest.values, shape);
  }
}
