// The only list of entry points. Pointers and integers in, numbers in memory out; nothing is validated here.
// Kernels in tasks come as `name`, `nameTasks` and, where a task needs scratch, `nameScratch` (src/runtime/tasks.ts).

export { attentionBackward, attentionBackwardScratch, attentionBackwardTasks } from './attention/backward';
export {
  depthwiseConvolution, depthwiseConvolutionBackward, depthwiseConvolutionBackwardScratch, depthwiseConvolutionBackwardTasks, depthwiseConvolutionScratch, depthwiseConvolutionTasks,
} from './attention/convolution';
export { attentionForward, attentionForwardScratch, attentionForwardTasks } from './attention/forward';
export {
  poolPositions, poolPositionsBackward, poolPositionsBackwardTasks, poolPositionsTasks,
} from './attention/pooling';
export {
  attentionKeys, attentionKeysBackward, attentionKeysBackwardScratch, attentionKeysBackwardTasks, attentionKeysScratch,
  attentionKeysTasks,
} from './attention/tasks';
export { attentionSharedBytes, attentionWorkspaceBytes } from './attention/workspace';
export {
  depthwiseConvolve, depthwiseConvolveScratch, depthwiseConvolveTasks, depthwiseFilterGradient, depthwiseFilterGradientScratch, depthwiseFilterGradientTasks, depthwiseInputGradient,
  depthwiseInputGradientTasks,
} from './conv/depthwise';
export {
  imageConvolve, imageConvolveScratch, imageConvolveTasks, packFilter, packFilterBytes,
} from './conv/imageConvolution';
export { imageGradient, imageGradientScratch, imageGradientTasks } from './conv/imageGradient';
export {
  poolMaximum, poolMaximumScratch, poolMaximumTasks, poolMean, poolMeanScratch, poolMeanTasks,
} from './conv/pool';
export {
  poolMaximumBackward, poolMaximumBackwardScratch, poolMaximumBackwardTasks,
} from './conv/poolMaximumBackward';
export { poolMeanBackward, poolMeanBackwardScratch, poolMeanBackwardTasks } from './conv/poolMeanBackward';
export { flipFilter, flipFilterTasks } from './conv/flip';
export { fold, foldTasks } from './conv/unfold';
export { productInt32 } from './gemm/integer';
export { packRight, packRightBytes, packRightTasks, product, productScratch, productTasks } from './gemm/product';
export { addPositions, addPositionsTasks } from './nn/addPositions';
export {
  batchMoments, batchMomentsScratch, batchMomentsTasks, batchPartsBytes, columnFactors, columnFactorsTasks,
  combineMoments, combineMomentsTasks, normalizeColumns, normalizeColumnsTasks,
} from './nn/batchNormalization';
export {
  batchGradients, batchGradientsScratch, batchGradientsTasks, combineGradients, combineGradientsTasks,
  differentiateColumns, differentiateColumnsTasks,
} from './nn/batchNormalizationBackward';
export { blend, blendTasks } from './nn/blend';
export { clip, clipBackward, clipBackwardTasks, clipTasks } from './nn/clip';
export { columnSums, columnSumsScratch, columnSumsTasks } from './nn/columnSums';
export { combine, combineTasks } from './nn/combine';
export { dropout, dropoutTasks } from './nn/dropout';
export { gelu, geluBackward, geluBackwardScratch, geluBackwardTasks, geluScratch, geluTasks } from './nn/gelu';
export { layerNormalization, layerNormalizationScratch, layerNormalizationTasks } from './nn/layerNormalization';
export {
  layerNormalizationBackward, layerNormalizationBackwardScratch, layerNormalizationBackwardTasks,
} from './nn/layerNormalizationBackward';
export { maskPositions, maskPositionsTasks } from './nn/maskPositions';
export { momentStep, momentStepTasks, squaredNorm, squaredNormTasks } from './nn/moments';
export { reluBackward, reluBackwardTasks } from './nn/relu';
export { rowSums, rowSumsTasks } from './nn/rowSums';
export {
  gatherRows, gatherRowsTasks, linkRows, segmentSum, segmentSumScratch, segmentSumTasks,
} from './nn/segments';
export { recurrentBackward, recurrentBackwardScratch, recurrentBackwardTasks } from './recurrent/backward';
export { recurrentForward, recurrentForwardScratch, recurrentForwardTasks } from './recurrent/forward';
export {
  softmaxCrossEntropy, softmaxCrossEntropyBackward, softmaxCrossEntropyBackwardScratch,
  softmaxCrossEntropyBackwardTasks, softmaxCrossEntropyScratch, softmaxCrossEntropyTasks,
} from './nn/softmaxCrossEntropy';
export { isBounded } from './nn/bounded';
