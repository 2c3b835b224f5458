import * as tf from '@tensorflow/tfjs-core';
import type { LayerVariable, Shape } from '@tensorflow/tfjs-layers';
import { CheckedLayer } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { type ArgumentTable, type WeightArgs, weightArguments } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms } from './sequenceLayer.js';

/** Arguments of ClassToken; the initializer is by default 'zeros'. */
export interface ClassTokenArgs extends LayerArgs, WeightArgs<''> {}

const argumentTable = weightArguments('', 'zeros') satisfies ArgumentTable<ClassTokenArgs>;

/**
 * A learned vector in front of each sequence, at position 0, from which a classifier can read the class.
 * Input: [B, N, C]. Output: [B, N + 1, C]; a Keras mask of the input grows with it.
 *
 * @see Dosovitskiy et al., An Image is Worth 16x16 Words, arXiv 2010.11929
 */
export class ClassToken extends CheckedLayer<typeof argumentTable> {
  static readonly className = 'ClassToken';
  private token!: LayerVariable;

  constructor(args: ClassTokenArgs = {}) {
    super(args, argumentTable);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[B, N, C]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([x]: readonly Shape[]): void {
    if (x[2] === null || x[2] < 1) {
      throw new Error(`${this.owner}: x was ${formatSizes(x)}; its channels must be fixed, 1 or more`);
    }
    this.checkWidth('x', x);
  }

  protected override addWeights([x]: Shape[]): void {
    this.token = this.addWeightOf('', 'token', [x[2]]);
  }

  protected override shapeOfOutput([[batch, positions, channels]]: Shape[]): Shape {
    return [batch, positions === null ? null : positions + 1, channels];
  }

  protected override outputMask(_inputs: tf.Tensor[], [given]: (tf.Tensor | null)[]): tf.Tensor | null {
    if (!given) return null;
    const ahead: [number, number][] = [
      [0, 0],
      [1, 0],
    ];
    return tf.tidy(() => tf.pad(tf.cast(given, 'bool'), ahead, 1));
  }

  protected override compute([x]: tf.Tensor[]): tf.Tensor {
    const [batch, positions, channels] = x.shape as [number, number, number];
    // tfjs does not broadcast to no sample.
    if (batch === 0) return tf.zeros([0, positions + 1, channels]);
    return tf.concat([tf.broadcastTo(this.token.read(), [batch, 1, channels]), x], 1);
  }
}
