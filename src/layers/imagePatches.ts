import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { integer } from '../checks/rules.js';
import { type Call, CheckedLayer } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import { type ArgumentTable, required } from './layerArguments.js';
import type { LayerArgs } from './layerArgs.js';
import { countForms } from './sequenceLayer.js';
import { checkAllSeen } from './validPositions.js';

/** Arguments of ImagePatches. */
export interface ImagePatchesArgs extends LayerArgs {
  /** Height and width of a patch, P, in pixels; divides those of the image. */
  patchSize: number;
}

const argumentTable = { patchSize: required<number>(integer(1)) } satisfies ArgumentTable<ImagePatchesArgs>;

/**
 * An image cut into square patches, row by row: a dense layer behind it is a patch embedding, as one product.
 * Input: [B, height, width, C]. Output: [B, (height / P) (width / P), P P C].
 */
export class ImagePatches extends CheckedLayer<typeof argumentTable> {
  static readonly className = 'ImagePatches';

  constructor(args: ImagePatchesArgs) {
    super(args, argumentTable);
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'images', form: '[B, height, width, C]', dtypes: ['float32'] }]);
  }

  protected override checkSizes([images]: readonly Shape[]): void {
    const { patchSize } = this.settings;
    const [, height, width, channels] = images;
    if ([height, width, channels].some((size) => size === null || size < 1)) {
      throw new Error(
        `${this.owner}: images was ${formatSizes(images)}; its height, width and channels must be fixed, 1 or more`,
      );
    }
    if (height! % patchSize === 0 && width! % patchSize === 0) return;
    throw new Error(
      `${this.owner}: patchSize was ${patchSize}; it must divide height and width, ${height} and ${width}`,
    );
  }

  protected override shapeOfOutput([[batch, height, width, channels]]: Shape[]): Shape {
    const size = this.settings.patchSize;
    return [batch, (height! / size) * (width! / size), size * size * channels!];
  }

  /** Pixels have no mask of positions. */
  protected override outputMask(): null {
    return null;
  }

  protected override compute([images]: tf.Tensor[], { masks: [mask] }: Call): tf.Tensor {
    checkAllSeen(this.owner, 'images', mask, 'pixels have none');
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const size = this.settings.patchSize;
    // Rows of pixels in rows of patches, across which the pixels of a patch lie in pieces of P C numbers.
    const pieces = tf.reshape(images, [(batch * height) / size, size, width / size, size * channels]);
    return tf.reshape(tf.transpose(pieces, [0, 2, 1, 3]), this.shapeOfOutput([images.shape]) as number[]);
  }
}
