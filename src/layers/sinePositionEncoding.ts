import * as tf from '@tensorflow/tfjs-core';
import { addPositions } from '../ops/addPositions.js';
import { checkNumber } from '../checks/values.js';
import type { LayerArgs } from './layerArgs.js';
import { SequenceLayer } from './sequenceLayer.js';
import { sinusoids } from './sinusoids.js';

/** Arguments of SinePositionEncoding. */
export interface SinePositionEncodingArgs extends LayerArgs {
  /** What the input is multiplied by before the positions join it; default 1. */
  scale?: number;
  /** Slowest wave, in positions over 2 pi; default 10,000. */
  maxWavelength?: number;
}

/**
 * scale x plus fixed sine and cosine waves over the positions, which any length has. Input: [B, N, C]. Output: [B, N, C].
 *
 * @see Vaswani et al., arXiv 1706.03762, section 3.5
 */
export class SinePositionEncoding extends SequenceLayer {
  static readonly className = 'SinePositionEncoding';
  private readonly scale: number;
  private readonly maxWavelength: number;
  /** Of the latest length. */
  private latest: { shape: [number, number]; values: Float32Array } = { shape: [0, 0], values: new Float32Array() };

  constructor(args: SinePositionEncodingArgs = {}) {
    super(args);
    this.scale = args.scale ?? 1;
    checkNumber('SinePositionEncoding', 'scale', this.scale, () => true, 'finite');
    this.maxWavelength = args.maxWavelength ?? 10_000;
    checkNumber('SinePositionEncoding', 'maxWavelength', this.maxWavelength, (x) => x > 0, 'above 0');
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => addPositions(x, this.positions(x.shape[1]!, x.shape[2]!), this.scale));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), scale: this.scale, maxWavelength: this.maxWavelength };
  }

  private positions(length: number, channels: number): tf.Tensor2D {
    const shape: [number, number] = [length, channels];
    if (!tf.util.arraysEqual(this.latest.shape, shape)) {
      this.latest = { shape, values: sinusoids(length, channels, this.maxWavelength) };
    }
    return tf.tensor2d(this.latest.values, shape);
  }
}

tf.serialization.registerClass(SinePositionEncoding);
