import { SequenceBatchNormalization } from './sequenceBatchNormalization.js';
import { SequenceLayerNormalization } from './sequenceLayerNormalization.js';

/** Kinds of normalisation that an encoder may have. */
export type Normalization = 'batch' | 'layer';

/** @returns a new layer of the kind */
export function normalizationLayer(
  kind: Normalization,
  name: string,
): SequenceBatchNormalization | SequenceLayerNormalization {
  return kind === 'batch' ? new SequenceBatchNormalization({ name }) : new SequenceLayerNormalization({ name });
}
