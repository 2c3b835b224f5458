import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { checkInteger } from '../checks/values.js';
import { embedding } from '../ops/embedding.js';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { noMask } from './sequenceLayer.js';

/** Arguments of TokenEmbedding. */
export interface TokenEmbeddingArgs extends LayerArgs {
  /** Number of tokens: they are 0 .. inputDim - 1. */
  inputDim: number;
  /** Width of a token's vector. */
  outputDim: number;
  /** Default 'randomUniform', in [-0.05, 0.05). */
  embeddingsInitializer?: InitializerIdentifier;
  /** Whether token 0 is padding, which a Keras mask hides from the layers behind; default false. */
  maskZero?: boolean;
  /** Makes the initial values reproducible. */
  seed?: number;
}

/**
 * A learned vector for each token, as Keras's Embedding. Input: [B, N] or any other shape, int32, or whole numbers as
 * float32. Output: [B, N, outputDim]. A token outside the table is an error that says where it stands.
 */
export class TokenEmbedding extends layers.Layer {
  static readonly className = 'TokenEmbedding';
  private readonly inputDim: number;
  private readonly outputDim: number;
  private readonly embeddingsInitializer: InitializerIdentifier;
  private readonly maskZero: boolean;
  private readonly seed: number | undefined;
  private embeddings!: LayerVariable;

  constructor(args: TokenEmbeddingArgs) {
    super(args);
    this.inputDim = checkInteger('TokenEmbedding', 'inputDim', args.inputDim, 1, Infinity);
    this.outputDim = checkInteger('TokenEmbedding', 'outputDim', args.outputDim, 1, Infinity);
    this.embeddingsInitializer = args.embeddingsInitializer ?? 'randomUniform';
    this.maskZero = args.maskZero ?? false;
    this.supportsMasking = this.maskZero;
    this.seed = args.seed ?? undefined;
  }

  override build(inputShape: Shape | Shape[]): void {
    const initializer = getInitializer(this.embeddingsInitializer, this.seed);
    this.embeddings = this.addWeight('embeddings', [this.inputDim, this.outputDim], 'float32', initializer);
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return [...inputShape, this.outputDim];
  }

  override computeMask(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    if (!this.maskZero) return noMask;
    return tf.notEqual(Array.isArray(inputs) ? inputs[0] : inputs, 0);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const tokens = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.tidy(() => embedding(asIntegers(tokens), this.embeddings.read()));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      inputDim: this.inputDim,
      outputDim: this.outputDim,
      embeddingsInitializer: serializeInitializer(this.embeddingsInitializer),
      maskZero: this.maskZero,
      seed: this.seed ?? null,
    };
  }
}

/** A cast alone would round in silence. */
function asIntegers(tokens: tf.Tensor): tf.Tensor {
  if (tokens.dtype === 'int32') return tokens;
  const values = tokens.dataSync();
  values.forEach((token, index) => checkInteger('TokenEmbedding', `token ${index}`, token, 0, 2 ** 31 - 1));
  return tf.tensor(Int32Array.from(values), tokens.shape, 'int32');
}

tf.serialization.registerClass(TokenEmbedding);
