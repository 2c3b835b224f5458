import { SequenceBatchNormalization } from './sequenceBatchNormalization.js';
import type { SequenceLayer } from './sequenceLayer.js';
import { SequenceLayerNormalization } from './sequenceLayerNormalization.js';
import { SequenceRmsNormalization } from './sequenceRmsNormalization.js';

/** What makes each kind of normalisation that an encoder may have. */
const kinds = {
  batch: SequenceBatchNormalization,
  layer: SequenceLayerNormalization,
  rms: SequenceRmsNormalization,
} as const satisfies Record<string, new (args: { name: string }) => SequenceLayer>;

/** Kinds of normalisation that an encoder may have. */
export type Normalization = keyof typeof kinds;

/** Their names. */
export const normalizations = Object.keys(kinds) as Normalization[];

/** @returns a new layer of the kind */
export function normalizationLayer(kind: Normalization, name: string): SequenceLayer {
  return new kinds[kind]({ name });
}
