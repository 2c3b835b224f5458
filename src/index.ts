// primal-attention: transformers on the CPU, for TensorFlow.js. All of its parts, of which a bundler takes what is used; each
// is a sub-path of its own too.

export * from './ops/index.js';
export * from './layers/index.js';
export * from './models/index.js';
export * from './data/index.js';
export * from './training/index.js';
export * from './analysis/index.js';
export * from './primal/index.js';
