import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { boolean, integer } from '../checks/rules.js';
import { checkInteger } from '../checks/values.js';
import { embedding } from '../ops/embedding.js';
import { CheckedLayer } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import {
  type ArgumentTable,
  maybe,
  optional,
  required,
  seedArgument,
  type WeightArgs,
  weightArguments,
} from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms } from './sequenceLayer.js';

/** Arguments of TokenEmbedding; embeddingsInitializer is by default 'randomUniform', in [-0.05, 0.05). */
export interface TokenEmbeddingArgs extends LayerArgs, WeightArgs<'embeddings'> {
  /** Number of tokens: they are 0 .. inputDim - 1. */
  inputDim: number;
  /** Width of a token's vector. */
  outputDim: number;
  /** Whether token 0 is padding, which a Keras mask hides from the layers behind; default false. */
  maskZero?: boolean;
  /** Positions of a sequence, if all have the same number. */
  inputLength?: number;
  /** Makes the initial values reproducible. */
  seed?: number;
}

const argumentTable = {
  inputDim: required<number>(integer(1, 2 ** 31 - 1)),
  outputDim: required<number>(integer(1)),
  maskZero: optional<boolean>(boolean, false),
  inputLength: maybe<number>(integer(1)),
  ...weightArguments('embeddings', 'randomUniform'),
  seed: seedArgument,
} satisfies ArgumentTable<TokenEmbeddingArgs>;

/**
 * A learned vector for each token, as Keras's Embedding. Input: [B, N] or any other shape, int32, or whole numbers as
 * float32. Output: [B, N, outputDim]. A token outside the table is an error that says where it stands.
 */
export class TokenEmbedding extends CheckedLayer<typeof argumentTable> {
  static readonly className = 'TokenEmbedding';
  private embeddings!: LayerVariable;

  constructor(args: TokenEmbeddingArgs) {
    super(args, argumentTable);
    const { maskZero, inputLength } = this.settings;
    this.supportsMasking = maskZero;
    if (inputLength !== null) this.startWith([null, inputLength]);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'tokens', form: '[...]', dtypes: ['float32', 'int32'] }]);
  }

  protected override checkSizes([tokens]: readonly Shape[]): void {
    const { inputLength } = this.settings;
    if (inputLength === null || tokens[1] === null || tokens[1] === inputLength) return;
    throw new Error(
      `${this.owner}: tokens was ${formatSizes(tokens)}; it must have inputLength, ${inputLength}, positions`,
    );
  }

  protected override addWeights(): void {
    const { inputDim, outputDim, seed } = this.settings;
    this.embeddings = this.addWeightOf('embeddings', 'embeddings', [inputDim, outputDim], { seed });
  }

  protected override shapeOfOutput([tokens]: Shape[]): Shape {
    return [...tokens, this.settings.outputDim];
  }

  protected override outputMask([tokens]: tf.Tensor[]): tf.Tensor | null {
    return this.settings.maskZero ? tf.notEqual(tokens, 0) : null;
  }

  protected override compute([tokens]: tf.Tensor[]): tf.Tensor {
    return embedding(this.asIntegers(tokens), this.embeddings.read());
  }

  /** A cast alone would round in silence. */
  private asIntegers(tokens: tf.Tensor): tf.Tensor {
    const values = tokens.dataSync();
    const last = this.settings.inputDim - 1;
    for (let index = 0; index < values.length; index++) {
      const token = values[index];
      if (Number.isInteger(token) && token >= 0 && token <= last) continue;
      const place = tf.util.indexToLoc(index, tokens.rank, tf.util.computeStrides(tokens.shape));
      checkInteger(this.owner, `token [${place.join(', ')}]`, token, 0, last);
    }
    if (tokens.dtype === 'int32') return tokens;
    return tf.tensor(Int32Array.from(values), tokens.shape, 'int32');
  }
}
