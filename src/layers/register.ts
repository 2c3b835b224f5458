// The list of layers that model files may name, and their place in tfjs's registry.

import { serialization } from '@tensorflow/tfjs-core';
import { AveragePositions } from './averagePositions.js';
import { ClassToken } from './classToken.js';
import { FirstPosition } from './firstPosition.js';
import { FusedDense } from './fusedDense.js';
import { GeluActivation } from './geluActivation.js';
import { ImagePatches } from './imagePatches.js';
import { InstanceNormalization } from './instanceNormalization.js';
import { InstanceRestoration } from './instanceRestoration.js';
import { JoinChannels } from './joinChannels.js';
import { MaskPadding } from './maskPadding.js';
import { MultiHeadAttention } from './multiHeadAttention.js';
import { PositionEmbedding } from './positionEmbedding.js';
import { SeededDropout } from './seededDropout.js';
import { SequenceBatchNormalization } from './sequenceBatchNormalization.js';
import { SequenceLayerNormalization } from './sequenceLayerNormalization.js';
import { SequenceRmsNormalization } from './sequenceRmsNormalization.js';
import { SeriesPatches } from './seriesPatches.js';
import { SinePositionEncoding } from './sinePositionEncoding.js';
import { TokenEmbedding } from './tokenEmbedding.js';
import { TransformerEncoderLayer } from './transformerEncoderLayer.js';

const layers: serialization.SerializableConstructor<serialization.Serializable>[] = [
  AveragePositions,
  ClassToken,
  FirstPosition,
  FusedDense,
  GeluActivation,
  ImagePatches,
  InstanceNormalization,
  InstanceRestoration,
  JoinChannels,
  MaskPadding,
  MultiHeadAttention,
  PositionEmbedding,
  SeededDropout,
  SequenceBatchNormalization,
  SequenceLayerNormalization,
  SequenceRmsNormalization,
  SeriesPatches,
  SinePositionEncoding,
  TokenEmbedding,
  TransformerEncoderLayer,
];

for (const layer of layers) serialization.registerClass(layer);
