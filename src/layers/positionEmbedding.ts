import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { addPositions } from '../ops/addPositions.js';
import { checkNumber } from '../checks/values.js';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { SequenceLayer } from './sequenceLayer.js';

/** Arguments of PositionEmbedding. */
export interface PositionEmbeddingArgs extends LayerArgs {
  /** What the input is multiplied by before the positions join it; default 1. */
  scale?: number;
  /** Default: uniform in [-0.02, 0.02). */
  initializer?: InitializerIdentifier;
  /** Makes the initial values reproducible. */
  seed?: number;
}

/** scale x plus a learned vector for each position. Input: [B, N, C] with a fixed N. Output: [B, N, C]. */
export class PositionEmbedding extends SequenceLayer {
  static readonly className = 'PositionEmbedding';
  private readonly scale: number;
  private readonly initializer: InitializerIdentifier;
  private readonly seed: number | undefined;
  private embeddings!: LayerVariable;

  constructor(args: PositionEmbeddingArgs = {}) {
    super(args);
    this.scale = args.scale ?? 1;
    checkNumber('PositionEmbedding', 'scale', this.scale, () => true, 'finite');
    this.seed = args.seed ?? undefined;
    this.initializer = args.initializer ?? initializers.randomUniform({ minval: -0.02, maxval: 0.02, seed: this.seed });
  }

  override build(inputShape: Shape): void {
    const [, length, channels] = inputShape;
    if (length == null || channels == null) {
      throw new Error(
        `PositionEmbedding: the input's shape was [${inputShape.join(', ')}]; its length and channels must be fixed`,
      );
    }
    const initializer = getInitializer(this.initializer, this.seed);
    this.embeddings = this.addWeight('embeddings', [length, channels], 'float32', initializer);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => addPositions(x, this.embeddings.read(), this.scale));
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { scale, seed = null } = this;
    return { ...super.getConfig(), scale, initializer: serializeInitializer(this.initializer), seed };
  }
}

tf.serialization.registerClass(PositionEmbedding);
