import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayerVariable, type Shape } from '@tensorflow/tfjs-layers';
import { getInitializer, type InitializerIdentifier, serializeInitializer } from './initializers.js';
import type { LayerArgs } from './layerArgs.js';
import { noMask } from './sequenceLayer.js';
import { firstMask } from './validPositions.js';

/** Arguments of ClassToken. */
export interface ClassTokenArgs extends LayerArgs {
  /** Default 'zeros'. */
  initializer?: InitializerIdentifier;
}

/**
 * A learned vector in front of each sequence, at position 0, from which a classifier can read the class.
 * Input: [B, N, C]. Output: [B, N + 1, C]; a Keras mask of the input grows with it.
 *
 * @see Dosovitskiy et al., An Image is Worth 16x16 Words, arXiv 2010.11929
 */
export class ClassToken extends layers.Layer {
  static readonly className = 'ClassToken';
  private readonly initializer: InitializerIdentifier;
  private token!: LayerVariable;

  constructor(args: ClassTokenArgs = {}) {
    super(args);
    this.supportsMasking = true;
    this.initializer = args.initializer ?? 'zeros';
  }

  override build(inputShape: Shape): void {
    const channels = inputShape[2];
    if (channels == null) {
      throw new Error(`ClassToken: the input's shape was [${inputShape.join(', ')}]; its channels must be fixed`);
    }
    this.token = this.addWeight('token', [channels], 'float32', getInitializer(this.initializer));
    super.build(inputShape);
  }

  override computeOutputShape([batch, positions, channels]: Shape): Shape {
    return [batch, positions == null ? null : positions + 1, channels];
  }

  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const given = firstMask(mask);
    if (!given) return noMask;
    return tf.tidy(() =>
      tf.pad(
        tf.cast(given, 'bool'),
        [
          [0, 0],
          [1, 0],
        ],
        1,
      ),
    );
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    const [batch, , channels] = x.shape as [number, number, number];
    return tf.tidy(() => tf.concat([tf.broadcastTo(this.token.read(), [batch, 1, channels]), x], 1));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), initializer: serializeInitializer(this.initializer) };
  }
}

tf.serialization.registerClass(ClassToken);
