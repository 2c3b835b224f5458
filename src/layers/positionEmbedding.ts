import * as tf from '@tensorflow/tfjs-core';
import { initializers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { number } from '../checks/rules.js';
import { addPositions } from '../ops/addPositions.js';
import { formatSizes } from './layerInputs.js';
import { type ArgumentTable, optional, seedArgument, type WeightArgs, weightArguments } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';

/** Arguments of PositionEmbedding; the initializer is by default uniform in [-0.02, 0.02). */
export interface PositionEmbeddingArgs extends LayerArgs, WeightArgs<''> {
  /** What the input is multiplied by before the positions join it; default 1. */
  scale?: number;
  /** Makes the initial values reproducible. */
  seed?: number;
}

const argumentTable = {
  scale: optional<number>(
    number(() => true, 'finite'),
    1,
  ),
  ...weightArguments('', initializers.randomUniform({ minval: -0.02, maxval: 0.02 })),
  seed: seedArgument,
} satisfies ArgumentTable<PositionEmbeddingArgs>;

/**
 * scale x plus a learned vector for each position. Input: [B, N, C] with a fixed N, that of the first call. Output:
 * [B, N, C].
 */
export class PositionEmbedding extends SequenceLayer<typeof argumentTable> {
  static readonly className = 'PositionEmbedding';
  private embeddings?: LayerVariable;

  constructor(args: PositionEmbeddingArgs = {}) {
    super(args, argumentTable);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    const [batch, length, channels] = x;
    if (length == null || channels == null || length < 1 || channels < 1) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its length and channels must be fixed, 1 or more`);
    }
    if (!this.built || tf.util.arraysEqual(this.embeddings!.shape as number[], [length, channels])) return;
    const must = formatSizes([batch, ...this.embeddings!.shape]);
    throw new Error(`${this.owner}: x was ${formatSizes(x)}; it must be ${must}, as its vectors were made for`);
  }

  protected override addWeights([[, length, channels]]: Shape[]): void {
    this.embeddings = this.addWeightOf('', 'embeddings', [length, channels], { seed: this.settings.seed });
  }

  protected override compute([x]: tf.Tensor[]): tf.Tensor {
    return addPositions(x, this.embeddings!.read(), this.settings.scale);
  }
}
