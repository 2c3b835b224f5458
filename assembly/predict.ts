// The entry points that predicting needs, for builds of their own (asconfig.predict.json); the list of all is index.ts.

export { attentionForward, attentionForwardScratch, attentionForwardTasks } from './attention/forward';
export { poolPositions, poolPositionsTasks } from './attention/pooling';
export { attentionKeys, attentionKeysScratch, attentionKeysTasks } from './attention/tasks';
export { attentionSharedBytes, attentionWorkspaceBytes } from './attention/workspace';
export { byteProduct, byteProductScratch, byteProductTasks, fastestByteDots } from './gemm/byteProduct';
export { packRight, packRightBytes, packRightTasks, product, productScratch, productTasks } from './gemm/product';
export {
  measureColumns, measureColumnsTasks, quantizeColumns, quantizeColumnsTasks, quantizedBytes, quantizedColumnsBytes, quantizeRows,
  quantizeRowsTasks,
} from './gemm/quantize';
export { addPositions, addPositionsTasks } from './nn/addPositions';
export {
  columnFactors, columnFactorsTasks, normalizeColumns, normalizeColumnsTasks,
} from './nn/batchNormalization';
export { blend, blendTasks } from './nn/blend';
export { gelu, geluScratch, geluTasks } from './nn/gelu';
export { layerNormalization, layerNormalizationScratch, layerNormalizationTasks } from './nn/layerNormalization';
export { maskPositions, maskPositionsTasks } from './nn/maskPositions';
export { gatherRows, gatherRowsTasks } from './nn/segments';
