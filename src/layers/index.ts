// primal-attention/layers: tf.layers.Layer subclasses, which model files may name.

import './register.js';

export { MultiHeadAttention } from './multiHeadAttention.js';
export type {
  AttentionView,
  LayerAttentionOptions,
  MultiHeadAttentionArgs,
  MultiHeadAttentionCallOptions,
} from './multiHeadAttention.js';
export { TransformerEncoderLayer } from './transformerEncoderLayer.js';
export type { TransformerEncoderLayerArgs, TransformerEncoderLayerCallOptions } from './transformerEncoderLayer.js';
export type { ConstraintIdentifier, InitializerIdentifier, RegularizerIdentifier } from './kerasObjects.js';
export type { WeightArgs } from './layerArguments.js';
export type { Normalization } from './normalizationLayer.js';
export { FusedDense } from './fusedDense.js';
export type { FusedDenseArgs } from './fusedDense.js';
export { PositionEmbedding } from './positionEmbedding.js';
export type { PositionEmbeddingArgs } from './positionEmbedding.js';
export { SinePositionEncoding } from './sinePositionEncoding.js';
export type { SinePositionEncodingArgs } from './sinePositionEncoding.js';
export { TokenEmbedding } from './tokenEmbedding.js';
export type { TokenEmbeddingArgs } from './tokenEmbedding.js';
export { ImagePatches } from './imagePatches.js';
export type { ImagePatchesArgs } from './imagePatches.js';
export { InstanceNormalization } from './instanceNormalization.js';
export type { InstanceNormalizationArgs } from './instanceNormalization.js';
export { InstanceRestoration } from './instanceRestoration.js';
export { JoinChannels } from './joinChannels.js';
export type { JoinChannelsArgs } from './joinChannels.js';
export { SeriesPatches } from './seriesPatches.js';
export type { SeriesPatchesArgs } from './seriesPatches.js';
export { ClassToken } from './classToken.js';
export type { ClassTokenArgs } from './classToken.js';
export { SequenceBatchNormalization } from './sequenceBatchNormalization.js';
export type { SequenceBatchNormalizationArgs } from './sequenceBatchNormalization.js';
export { SequenceLayerNormalization } from './sequenceLayerNormalization.js';
export type { SequenceLayerNormalizationArgs } from './sequenceLayerNormalization.js';
export { SequenceRmsNormalization } from './sequenceRmsNormalization.js';
export type { SequenceRmsNormalizationArgs } from './sequenceRmsNormalization.js';
export { SeededDropout } from './seededDropout.js';
export type { SeededDropoutArgs } from './seededDropout.js';
export { GeluActivation } from './geluActivation.js';
export { MaskPadding } from './maskPadding.js';
export { AveragePositions } from './averagePositions.js';
export { FirstPosition } from './firstPosition.js';
