// The only list of entry points. Pointers and integers in, numbers in memory out; nothing is validated here.

export { attentionForward, attentionForwardScratch } from './attention/forward';
export { attentionBackward, attentionBackwardScratch, attentionFrameBytes } from './attention/backward';
