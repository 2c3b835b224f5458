// primal-attention: transformers on the CPU, for TensorFlow.js.

export { attention } from './ops/attention.js';
export type { AttentionOptions, BatchNormOptions, ConvolutionOptions } from './ops/attentionOptions.js';
export { attentionWeights } from './ops/attentionWeights.js';
export { BlockMask, blockMask } from './ops/blockMask.js';
export type { BlockMaskOptions, BlockPattern, BlockPredicate } from './ops/blockMask.js';
export { gelu } from './ops/gelu.js';
export { info, init } from './ops/init.js';
export type { Info, InitOptions } from './ops/init.js';
export type { Modules } from './ops/givenModules.js';
export { rmsNormalization } from './ops/rmsNormalization.js';
export type { RmsNormalizationOptions } from './ops/rmsNormalization.js';
export { softmaxCrossEntropy } from './ops/softmaxCrossEntropy.js';
export type { SoftmaxCrossEntropyOptions } from './ops/softmaxCrossEntropy.js';
export { OutOfMemoryError } from './runtime/memory.js';
export { ThreadError } from './runtime/pool.js';

export { MultiHeadAttention } from './layers/multiHeadAttention.js';
export type {
  AttentionView,
  LayerAttentionOptions,
  MultiHeadAttentionArgs,
  MultiHeadAttentionCallOptions,
} from './layers/multiHeadAttention.js';
export { TransformerEncoderLayer } from './layers/transformerEncoderLayer.js';
export type {
  TransformerEncoderLayerArgs,
  TransformerEncoderLayerCallOptions,
} from './layers/transformerEncoderLayer.js';
export type { ConstraintIdentifier, InitializerIdentifier, RegularizerIdentifier } from './layers/kerasObjects.js';
export type { WeightArgs } from './layers/layerArguments.js';
export type { Normalization } from './layers/normalizationLayer.js';
export { FusedDense } from './layers/fusedDense.js';
export type { FusedDenseArgs } from './layers/fusedDense.js';
export { PositionEmbedding } from './layers/positionEmbedding.js';
export type { PositionEmbeddingArgs } from './layers/positionEmbedding.js';
export { SinePositionEncoding } from './layers/sinePositionEncoding.js';
export type { SinePositionEncodingArgs } from './layers/sinePositionEncoding.js';
export { TokenEmbedding } from './layers/tokenEmbedding.js';
export type { TokenEmbeddingArgs } from './layers/tokenEmbedding.js';
export { ImagePatches } from './layers/imagePatches.js';
export type { ImagePatchesArgs } from './layers/imagePatches.js';
export { InstanceNormalization } from './layers/instanceNormalization.js';
export type { InstanceNormalizationArgs } from './layers/instanceNormalization.js';
export { InstanceRestoration } from './layers/instanceRestoration.js';
export { JoinChannels } from './layers/joinChannels.js';
export type { JoinChannelsArgs } from './layers/joinChannels.js';
export { SeriesPatches } from './layers/seriesPatches.js';
export type { SeriesPatchesArgs } from './layers/seriesPatches.js';
export { ClassToken } from './layers/classToken.js';
export type { ClassTokenArgs } from './layers/classToken.js';
export { SequenceBatchNormalization } from './layers/sequenceBatchNormalization.js';
export type { SequenceBatchNormalizationArgs } from './layers/sequenceBatchNormalization.js';
export { SequenceLayerNormalization } from './layers/sequenceLayerNormalization.js';
export type { SequenceLayerNormalizationArgs } from './layers/sequenceLayerNormalization.js';
export { SequenceRmsNormalization } from './layers/sequenceRmsNormalization.js';
export type { SequenceRmsNormalizationArgs } from './layers/sequenceRmsNormalization.js';
export { SeededDropout } from './layers/seededDropout.js';
export type { SeededDropoutArgs } from './layers/seededDropout.js';
export { GeluActivation } from './layers/geluActivation.js';
export { MaskPadding } from './layers/maskPadding.js';
export { AveragePositions } from './layers/averagePositions.js';
export { FirstPosition } from './layers/firstPosition.js';

export { attentionForm, attentionFormNames } from './models/attentionForm.js';
export type { FormSizes } from './models/attentionForm.js';
export { timeSeriesClassifier, timeSeriesClassifierPresets } from './models/timeSeriesClassifier.js';
export type { TimeSeriesClassifierConfig } from './models/timeSeriesClassifier.js';
export { timeSeriesForecaster, timeSeriesForecasterPresets } from './models/timeSeriesForecaster.js';
export type { TimeSeriesForecasterConfig } from './models/timeSeriesForecaster.js';
export { timeSeriesRegressor } from './models/timeSeriesRegressor.js';
export type { TimeSeriesRegressorConfig } from './models/timeSeriesRegressor.js';
export type { SeriesEncoderConfig } from './models/seriesEncoder.js';
export { tokenClassifier, tokenClassifierPresets } from './models/tokenClassifier.js';
export type { TokenClassifierConfig } from './models/tokenClassifier.js';
export { visionTransformer, visionTransformerPresets } from './models/visionTransformer.js';
export type { VisionTransformerConfig } from './models/visionTransformer.js';
export type { EncoderOptions, Positions, SequenceHead } from './models/encoder.js';

export { parseTimeSeries } from './data/formats/parseTimeSeries.js';
export { readTimeSeries } from './data/formats/readTimeSeries.js';
export type { TimeSeriesOptions } from './data/formats/timeSeriesParser.js';
export { cacheFolder } from './data/archive/cacheFolder.js';
export { DownloadError } from './data/archive/downloadError.js';
export { loadDataset } from './data/loadDataset.js';
export type { LoadOptions } from './data/loadDataset.js';
export { channelStatistics } from './data/channelStatistics.js';
export { standardize } from './data/standardize.js';
export { kindOf } from './data/labelledData.js';
export { longest } from './data/longest.js';
export type { TimeSeriesData } from './data/timeSeries.js';
export type {
  Cases,
  ChannelStatistics,
  DataKind,
  DataOfKind,
  Dataset,
  LabelledData,
  LabelledImages,
  LabelledTokens,
} from './data/labelledData.js';
export { readCsv } from './data/formats/readCsv.js';
export type { CsvOptions } from './data/formats/parseCsv.js';
export type { LabelUse } from './data/tables/tableClasses.js';
export type { Reading, ReadOptions } from './data/readOptions.js';
export { readUcr } from './data/formats/readUcr.js';
export { readArff } from './data/formats/readArff.js';
export { readIdx } from './data/formats/readIdx.js';
export type { IdxArray } from './data/formats/readIdx.js';
export { readImages } from './data/formats/readImages.js';
export { cifar10Classes, readCifar10 } from './data/formats/readCifar10.js';
export { generateListOps } from './data/listOps/generateListOps.js';
export type { ListOpsOptions } from './data/listOps/generateListOps.js';
export { evaluateListOps } from './data/listOps/evaluateListOps.js';
export { tokenizeListOps } from './data/listOps/tokenizeListOps.js';
export { readListOps } from './data/listOps/readListOps.js';
export { listOpsVocabulary } from './data/listOps/vocabulary.js';
export { forecastDataset, loadForecast } from './data/forecast/loadForecast.js';
export type { ForecastOptions } from './data/forecast/loadForecast.js';
export type { ForecastSplit } from './data/forecast/forecastSplits.js';
export { forecastWindows } from './data/forecast/forecastWindows.js';
export type { WindowOptions } from './data/forecast/forecastWindows.js';
export { parseTimeTable, readTimeTable } from './data/forecast/parseTimeTable.js';
export type { TimeTableOptions } from './data/forecast/parseTimeTable.js';
export type { TimeTable } from './data/forecast/timeTable.js';
export { batches } from './data/batches.js';
export type { Batch, BatchOptions } from './data/batches.js';
export type { BatchInput } from './data/kinds/kindTraits.js';
export { shiftImages } from './data/augmentations.js';
export type { Augmentation } from './data/augmentations.js';
export { randomSplit, stratifiedSplit, subset } from './data/split.js';
export { targetStatistics } from './data/numberTargets.js';
export type { ForecastTargets, NumberTargets, TargetStatistics } from './data/numberTargets.js';
export { UnknownNameError } from './checks/unknownNameError.js';

export { adamW } from './training/adamW.js';
export { rAdam } from './training/rAdam.js';
export { sgd } from './training/sgd.js';
export type { SgdArgs } from './training/sgd.js';
export type { MomentOptimizerArgs, OptimizerArgs } from './training/momentOptimizer.js';
export { crossEntropy } from './training/crossEntropy.js';
export { fit } from './training/fit.js';
export type { FitOptions } from './training/fitOptions.js';
export type { TrainingOptions } from './training/trainingOptions.js';
export type { ClassWeights } from './training/classWeights.js';
export type { Monitor } from './training/isBetter.js';
export type { OptimizerName } from './training/optimizers.js';
export type { Schedule } from './training/schedules.js';
export type { Progress, TrainingScore, ValidationScore } from './training/progress.js';
export { evaluate } from './training/evaluate.js';
export type {
  AnyEvaluation,
  EvaluatedPart,
  Evaluation,
  ForecastErrors,
  ForecastEvaluation,
  RegressionEvaluation,
} from './training/evaluation.js';
export { meanSquaredError } from './training/meanSquaredError.js';
export { regressionScores } from './training/regressionScores.js';
export type { RegressionScores } from './training/regressionScores.js';
export { predict } from './training/predict.js';
export type { PredictOptions } from './training/predict.js';
export { classScores, confusionMatrix, macroF1 } from './training/metrics.js';
export type { ClassScore } from './training/metrics.js';
export { save } from './training/save.js';
export type { SaveOptions } from './training/save.js';
export type { WeightStorage } from './training/storeWeights.js';
export { load } from './training/load.js';
export { folderHandler } from './training/folderHandler.js';
export { writeRunReport } from './training/runReport.js';
export type { RunReportOptions } from './training/runReport.js';
export { getMetadata, metadataOf, setMetadata } from './training/metadata.js';
export type { ModelMetadata, TaskMetadata, TaskName } from './data/modelMetadata.js';

export { attentionCosts } from './analysis/attentionCosts.js';
export type { AttentionCosts, ModelCosts, PassCosts } from './analysis/attentionCosts.js';
export { attentionFlops } from './analysis/attentionFlops.js';
export type { AttentionFlops, AttentionForm, AttentionSizes } from './analysis/attentionFlops.js';
export { attentionMaps } from './analysis/attentionMaps.js';
export type { AttentionMap } from './analysis/attentionMaps.js';
export { attentionSupport } from './analysis/attentionSupport.js';
export type { HeadSupport, SupportOptions } from './analysis/attentionSupport.js';
export { explain } from './analysis/explain.js';
export type { Explanation } from './analysis/explain.js';
export { headOverlap } from './analysis/headOverlap.js';
export type { HeadOverlap, LayerOverlap } from './analysis/headOverlap.js';
export { headRedundancy } from './analysis/headRedundancy.js';
export type { HeadRedundancy, LayerRedundancy } from './analysis/headRedundancy.js';
export type { KeySpan } from './analysis/keySpans.js';
export type { MeanAndDeviation } from './analysis/meanAndDeviation.js';
export { modelFlops } from './analysis/modelFlops.js';
export type { CasesOptions } from './analysis/observeAttention.js';
export type { ModelFlops, ModelFlopsOptions } from './analysis/modelFlops.js';

export type { KernelName } from './primal/featureMaps.js';
export { fitSupportVectors } from './primal/fitSupportVectors.js';
export type { SupportVectorFit } from './primal/fitSupportVectors.js';
export type { SupportVectorOptions } from './primal/supportVectorOptions.js';
