import * as tf from '@tensorflow/tfjs-core';
import { layers, type Shape } from '@tensorflow/tfjs-layers';
import { checkInteger } from '../checks/values.js';
import type { LayerArgs } from './layerArgs.js';

/** Arguments of ImagePatches. */
export interface ImagePatchesArgs extends LayerArgs {
  /** Height and width of a patch, P, in pixels; divides those of the image. */
  patchSize: number;
}

/**
 * An image cut into square patches, row by row: a dense layer behind it is a patch embedding, as one product.
 * Input: [B, height, width, C]. Output: [B, (height / P) (width / P), P P C].
 */
export class ImagePatches extends layers.Layer {
  static readonly className = 'ImagePatches';
  private readonly patchSize: number;

  constructor(args: ImagePatchesArgs) {
    super(args);
    this.patchSize = checkInteger('ImagePatches', 'patchSize', args.patchSize, 1, Infinity);
  }

  override computeOutputShape([batch, height, width, channels]: Shape): Shape {
    const size = this.patchSize;
    if (height == null || width == null || channels == null || height % size !== 0 || width % size !== 0) {
      throw new Error(`ImagePatches: patchSize was ${size}; it must divide height and width, ${height} and ${width}`);
    }
    return [batch, (height / size) * (width / size), size * size * channels];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    const [batch, height, width, channels] = x.shape as [number, number, number, number];
    const size = this.patchSize;
    return tf.tidy(() => {
      // Rows of pixels in rows of patches, across which the pixels of a patch lie in pieces of P C numbers.
      const pieces = tf.reshape(x, [(batch * height) / size, size, width / size, size * channels]);
      const shape = this.computeOutputShape([batch, height, width, channels]) as number[];
      return tf.reshape(tf.transpose(pieces, [0, 2, 1, 3]), shape);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), patchSize: this.patchSize };
  }
}

tf.serialization.registerClass(ImagePatches);
