import type { Shape } from '@tensorflow/tfjs-layers';
import { CheckedLayer } from './checkedLayer.js';
import { formatSizes } from './layerInputs.js';
import type { LayerArgs } from './layerArgs.js';
import { checkLengthSizes } from './sequenceLayer.js';

/** A layer that reads one vector from each sequence: [B, N, C], its only or first input, becomes [B, C]. */
export abstract class SequenceReadout extends CheckedLayer<object & Record<never, never>> {
  constructor(args: LayerArgs = {}) {
    super(args, {});
  }

  protected override checkSizes([x, lengths]: readonly Shape[]): void {
    checkLengthSizes(this.owner, x, lengths);
    if (x[1] !== 0) return;
    throw new Error(`${this.owner}: x was ${formatSizes(x)}; it must have a position at least`);
  }

  protected override shapeOfOutput([[batch, , channels]]: Shape[]): Shape {
    return [batch, channels];
  }

  /** Positions end here, and so does their mask. */
  protected override outputMask(): null {
    return null;
  }
}
