// primal-attention: transformers on the CPU, for TensorFlow.js.

export { attention } from './ops/attention.js';
export type { AttentionOptions, BatchNormOptions, ConvolutionOptions } from './ops/attentionOptions.js';
export { attentionWeights } from './ops/attentionWeights.js';
export { BlockMask, blockMask } from './ops/blockMask.js';
export type { BlockMaskOptions, BlockPattern, BlockPredicate } from './ops/blockMask.js';
export { info, init } from './ops/init.js';
export type { Info, InitOptions } from './ops/init.js';
export { OutOfMemoryError } from './runtime/backend.js';
