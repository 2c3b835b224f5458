// primal-attention/analysis: what a trained model does, and what it costs.

export { attentionCosts } from './attentionCosts.js';
export type { AttentionCosts, ModelCosts, PassCosts } from './attentionCosts.js';
export { attentionFlops } from './attentionFlops.js';
export type { AttentionFlops, AttentionForm, AttentionSizes } from './attentionFlops.js';
export { attentionMaps } from './attentionMaps.js';
export type { AttentionMap } from './attentionMaps.js';
export { attentionSupport } from './attentionSupport.js';
export type { HeadSupport, SupportOptions } from './attentionSupport.js';
export { explain } from './explain.js';
export type { Explanation } from './explain.js';
export { headOverlap } from './headOverlap.js';
export type { HeadOverlap, LayerOverlap } from './headOverlap.js';
export { headRedundancy } from './headRedundancy.js';
export type { HeadRedundancy, LayerRedundancy } from './headRedundancy.js';
export type { KeySpan } from './keySpans.js';
export type { MeanAndDeviation } from './meanAndDeviation.js';
export { modelFlops } from './modelFlops.js';
export type { CasesOptions } from './observeAttention.js';
export type { ModelFlops, ModelFlopsOptions } from './modelFlops.js';
