// primal-attention: transformers on the CPU, for TensorFlow.js.

export { attention } from './ops/attention.js';
export type { AttentionOptions } from './ops/attentionOptions.js';
export { info, init } from './ops/init.js';
export type { Info, InitOptions } from './ops/init.js';
export { OutOfMemoryError } from './runtime/backend.js';
