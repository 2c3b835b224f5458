import type * as tf from '@tensorflow/tfjs-core';
import type { CaseShape } from './attentionCase.js';
import { normal } from './normal.js';

/** Operands of attention, and a gradient of its output, as tensors of standard normal numbers. */
export function attentionTensors({ B, H, G, N, M, D, E }: CaseShape): Record<'q' | 'k' | 'v' | 'dOut', tf.Tensor4D> {
  return {
    q: normal([B, H, N, D], 'q'),
    k: normal([B, G, M, D], 'k'),
    v: normal([B, G, M, E], 'v'),
    dOut: normal([B, H, N, E], 'dOut'),
  };
}
