import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { SequenceLayer } from './sequenceLayer.js';

export interface PositionEmbeddingArgs extends LayerArgs {
  /** Default: uniform in [-0.02, 0.02). */
  initializer?: InitializerIdentifier;
  /** Makes the initial values reproducible. */
  seed?: number;
}

/** Adds a learned vector to each position. Input: [B, N, C] with a fixed N. Output: [B, N, C]. */
export class PositionEmbedding extends SequenceLayer {
  static readonly className = 'PositionEmbedding';
  private readonly initializer: InitializerIdentifier;
  private readonly seed: number | undefined;
  private embeddings!: LayerVariable;

  constructor(args: PositionEmbeddingArgs = {}) {
    super(args);
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
    return tf.tidy(() => tf.add(Array.isArray(inputs) ? inputs[0] : inputs, this.embeddings.read()));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), initializer: serializeInitializer(this.initializer), seed: this.seed ?? null };
  }
}

tf.serialization.registerClass(PositionEmbedding);
