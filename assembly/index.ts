// The only list of entry points. Pointers and integers in, numbers in memory out; nothing is validated here.

export { attentionBackward, attentionBackwardScratch, attentionFrameBytes } from './attention/backward';
export { attentionForward, attentionForwardScratch } from './attention/forward';
export { productInt32 } from './gemm/integer';
export { product, productScratch } from './gemm/product';
export { segmentSum } from './nn/segments';
