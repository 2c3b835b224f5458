// primal-attention/primal: attention as the paper's regressions have it.

export type { KernelName } from './featureMaps.js';
export { fitSupportVectors } from './fitSupportVectors.js';
export type { SupportVectorFit } from './fitSupportVectors.js';
export type { SupportVectorOptions } from './supportVectorOptions.js';
