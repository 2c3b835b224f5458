// The only list of entry points. Pointers and integers in, numbers in memory out; nothing is validated here.

export { attentionBackward, attentionBackwardScratch } from './attention/backward';
export { convolutionScratch, convolve, convolveBackward } from './attention/convolution';
export { attentionForward, attentionForwardScratch } from './attention/forward';
export { averagePositions, averagePositionsBackward } from './attention/pooling';
export { attentionFrameBytes } from './attention/workspace';
export { productInt32 } from './gemm/integer';
export { product, productScratch } from './gemm/product';
export { gelu, geluBackward, geluScratch } from './nn/gelu';
export { segmentSum } from './nn/segments';
