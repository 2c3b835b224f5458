import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { maskPositions } from '../ops/maskPositions.js';
import { selectPositions } from '../ops/selectPositions.js';
import type { Call } from './checkedLayer.js';
import type { LayerArgs } from './layerArgs.js';
import { checkLengthSizes, paddedForms, SequenceLayer } from './sequenceLayer.js';
import { validPositions } from './validPositions.js';

/**
 * Sets padded positions to 0. Inputs: x [B, N, C] with a Keras mask, or [x, lengths [B, 1]], or both. Output: [B, N, C].
 */
export class MaskPadding extends SequenceLayer<Record<never, never>> {
  static readonly className = 'MaskPadding';

  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  protected override inputForms(shapes: readonly Shape[]) {
    return paddedForms(this.owner, shapes);
  }

  protected override checkSizes([x, lengths]: readonly Shape[]): void {
    checkLengthSizes(this.owner, x, lengths);
  }

  protected override compute([x, given]: tf.Tensor[], { masks }: Call): tf.Tensor {
    const { lengths, mask } = validPositions(this.owner, x, given, masks[0]);
    const masked = maskPositions(x, lengths);
    return mask ? selectPositions(masked, tf.expandDims(mask, 2)) : masked;
  }
}
