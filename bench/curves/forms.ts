// The forms and sizes of the curves.

import type { AttentionOptions } from '../../src/index.js';
import { headScales } from '../kernels/family.js';
import type { AttentionPass } from '../../src/benchmarks/attentionCalls.js';

export const forms: Record<string, AttentionOptions> = {
  softmax: {},
  BN: { batchNorm: true },
  SH: { headScales },
  'BN+SH': { batchNorm: true, headScales },
  linear: { kernel: 'linear' },
};

/** tfjs's own ops for plain softmax attention. */
export const TFJS = 'tfjs';

export const HEADS = headScales.length;

/** Where the two curves cross. */
export const LENGTH = 1024;
export const WIDTH = 64;

/** Sizes of the curves; tfjs's scores would fill the heap at lengths above `tfjs`. */
export const extents = {
  full: { lengths: [128, 256, 512, 1024, 2048, 4096, 8192], widths: [16, 32, 64, 128], tfjs: 2048 },
  quick: { lengths: [128, 256, 512, 1024, 2048], widths: [16, 32, 64, 128], tfjs: 512 },
};

export interface Size {
  pass: AttentionPass;
  /** N, as many queries as keys. */
  length: number;
  /** D, as wide as the values. */
  width: number;
}

/** One form at one size. */
export interface Point extends Size {
  form: string;
  milliseconds: number;
  quartiles: [number, number];
  /** Time relative to softmax. */
  relative: number;
  flops: number;
  gflops: number;
  /** Peak of the wasm heap above the operands, see src/runtime/peakBytes.ts. */
  bytes: number;
}
