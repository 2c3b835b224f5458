// primal-attention/models: classifiers, regressors and forecasters, ready to train.

import '../layers/register.js';

export { attentionForm, attentionFormNames } from './attentionForm.js';
export type { FormSizes } from './attentionForm.js';
export { modelForm, modelFormNames } from './modelForm.js';
export type { ModelFormSizes } from './modelForm.js';
export { timeSeriesClassifier, timeSeriesClassifierPresets } from './timeSeriesClassifier.js';
export type { TimeSeriesClassifierConfig } from './timeSeriesClassifier.js';
export { timeSeriesForecaster, timeSeriesForecasterPresets } from './timeSeriesForecaster.js';
export type { TimeSeriesForecasterConfig } from './timeSeriesForecaster.js';
export { timeSeriesRegressor } from './timeSeriesRegressor.js';
export type { TimeSeriesRegressorConfig } from './timeSeriesRegressor.js';
export type { SeriesEncoderConfig } from './seriesEncoder.js';
export { tokenClassifier, tokenClassifierPresets } from './tokenClassifier.js';
export type { TokenClassifierConfig } from './tokenClassifier.js';
export { tokenRegressor } from './tokenRegressor.js';
export type { TokenRegressorConfig } from './tokenRegressor.js';
export type { TokenEncoderConfig } from './tokenEncoder.js';
export { visionRegressor } from './visionRegressor.js';
export type { VisionRegressorConfig } from './visionRegressor.js';
export type { VisionEncoderConfig } from './visionEncoder.js';
export { visionTransformer, visionTransformerPresets } from './visionTransformer.js';
export type { VisionTransformerConfig } from './visionTransformer.js';
export type { EncoderOptions, Positions, SequenceHead } from './encoder.js';
export { UnknownNameError } from '../checks/unknownNameError.js';
