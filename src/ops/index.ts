// primal-attention/attention: attention and what goes with it, on tensors; and the start of it all.

export { attention } from './attention.js';
export type { AttentionOptions, BatchNormOptions, ConvolutionOptions } from './attentionOptions.js';
export { attentionWeights } from './attentionWeights.js';
export { BlockMask, blockMask } from './blockMask.js';
export type { BlockMaskOptions, BlockPattern, BlockPredicate } from './blockMask.js';
export { gelu } from './gelu.js';
export { info, init } from './init.js';
export type { Info, InitOptions } from './init.js';
export type { Modules } from './givenModules.js';
export { rmsNormalization } from './rmsNormalization.js';
export type { RmsNormalizationOptions } from './rmsNormalization.js';
export { softmaxCrossEntropy } from './softmaxCrossEntropy.js';
export type { SoftmaxCrossEntropyOptions } from './softmaxCrossEntropy.js';
export { OutOfMemoryError } from '../runtime/memory.js';
export { ThreadError } from '../runtime/pool.js';
