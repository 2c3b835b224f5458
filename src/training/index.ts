// primal-attention/training: from data and a model to a trained model, and what it says.

export { adamW } from './adamW.js';
export { rAdam } from './rAdam.js';
export { sgd } from './sgd.js';
export type { SgdArgs } from './sgd.js';
export type { MomentOptimizerArgs, OptimizerArgs } from './momentOptimizer.js';
export { crossEntropy } from './crossEntropy.js';
export { fit } from './fit.js';
export type { FitOptions } from './fitOptions.js';
export type { TrainingOptions } from './trainingOptions.js';
export type { ClassWeights } from './classWeights.js';
export type { Monitor } from './isBetter.js';
export type { OptimizerName } from './optimizers.js';
export type { Schedule } from './schedules.js';
export type { Progress, TrainingScore, ValidationScore } from './progress.js';
export { evaluate } from './evaluate.js';
export type {
  AnyEvaluation,
  EvaluatedPart,
  Evaluation,
  ForecastErrors,
  ForecastEvaluation,
  RegressionEvaluation,
} from './evaluation.js';
export { meanSquaredError } from './meanSquaredError.js';
export { regressionScores } from './regressionScores.js';
export type { RegressionScores } from './regressionScores.js';
export { predict } from './predict.js';
export type { PredictOptions } from './predict.js';
export { classScores, confusionMatrix, macroF1 } from './metrics.js';
export type { ClassScore } from './metrics.js';
export { save } from './save.js';
export type { SaveOptions } from './save.js';
export type { WeightStorage } from './storeWeights.js';
export { load } from './load.js';
export { folderHandler } from './folderHandler.js';
export type { Baseline } from './baselines/baseline.js';
export type { ComparedScore } from './tasks/comparedScores.js';
export { writeRunReport } from './runReport.js';
export type { RunReportOptions } from './runReport.js';
export { getMetadata, metadataOf, setMetadata } from './metadata.js';
export type { ModelMetadata, TaskMetadata, TaskName } from '../data/modelMetadata.js';
