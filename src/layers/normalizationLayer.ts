import type { CheckedLayer } from './checkedLayer.js';
import { SequenceBatchNormalization } from './sequenceBatchNormalization.js';
import { SequenceLayerNormalization } from './sequenceLayerNormalization.js';
import type { SequenceNormalizationArgs, SequenceNormalizationOptions } from './sequenceNormalization.js';
import { SequenceRmsNormalization } from './sequenceRmsNormalization.js';

/** A normalisation of any kind. */
export type NormalizationLayer = CheckedLayer<object & Record<never, never>, SequenceNormalizationOptions>;

/** What makes each kind of normalisation that an encoder may have. */
const kinds = {
  batch: SequenceBatchNormalization,
  layer: SequenceLayerNormalization,
  rms: SequenceRmsNormalization,
} as const;

/** Kinds of normalisation that an encoder may have. */
export type Normalization = keyof typeof kinds;

/** Their names. */
export const normalizations = Object.keys(kinds) as Normalization[];

/** @returns a new layer of the kind */
export function normalizationLayer(kind: Normalization, args: SequenceNormalizationArgs): NormalizationLayer {
  return new kinds[kind](args);
}
