import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { gelu } from '../ops/gelu.js';
import type { LayerArgs } from './layerArgs.js';
import type { Call } from './checkedLayer.js';
import { countForms, SequenceLayer } from './sequenceLayer.js';

/** The exact GELU as a layer: any shape in, the same shape out. tfjs-layers has no activation of this name. */
export class GeluActivation extends SequenceLayer<Record<never, never>> {
  static readonly className = 'GeluActivation';

  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  protected override inputForms({ length }: readonly Shape[]) {
    return countForms(this.owner, length, 1, [{ name: 'x', form: '[...]', dtypes: ['float32'] }]);
  }

  protected override compute([x]: tf.Tensor[], { masks }: Call): tf.Tensor {
    return gelu(this.clear(x, masks[0]));
  }
}
