// Options of attention that have no meaning together.

import { type AttentionAttributes, UNBOUNDED } from '../kernels/attentionProblem.js';
import type { AttentionOptions } from './attentionOptions.js';

interface Rule {
  pair: [string, string];
  holds: (options: AttentionOptions, attributes: AttentionAttributes) => boolean;
  reason: string;
}

const noScores = 'linear attention has no scores';
const linear = ({ kernel }: AttentionAttributes) => kernel === 'linear';
const scaled = ({ headScales }: AttentionAttributes) => headScales.some((scale) => scale > 1);

const rules: readonly Rule[] = [
  { pair: ["kernel 'linear'", 'mask'], holds: ({ mask }, a) => linear(a) && mask !== undefined, reason: noScores },
  { pair: ["kernel 'linear'", 'blockMask'], holds: (_, a) => linear(a) && a.blocks !== undefined, reason: noScores },
  {
    pair: ["kernel 'linear'", 'window'],
    holds: (_, a) => linear(a) && (a.left !== UNBOUNDED || a.right !== UNBOUNDED),
    reason: 'its sums run over all keys, or all keys so far',
  },
  { pair: ["kernel 'linear'", 'softcap'], holds: (_, a) => linear(a) && a.softcap > 0, reason: noScores },
  { pair: ["kernel 'linear'", 'dropout'], holds: (_, a) => linear(a) && a.dropout > 0, reason: 'it has no weights' },
  {
    pair: ['headScales', 'mask'],
    holds: ({ mask }, a) => mask !== undefined && scaled(a),
    reason: 'the averaged keys are not those of the mask',
  },
  {
    pair: ['headScales', 'blockMask'],
    holds: (_, a) => a.blocks !== undefined && scaled(a),
    reason: 'the averaged keys are not those of the blocks',
  },
  {
    pair: ['batchNorm', 'causal'],
    holds: (_, a) => a.batchNorm !== undefined && a.causal,
    reason: 'the statistics of the keys would see the future',
  },
  {
    pair: ['conv', 'causal'],
    holds: ({ conv }, a) => conv !== undefined && a.causal,
    reason: 'the convolution would see the future',
  },
];

/** Throws an Error that names two options which have no meaning together. */
export function checkCombinations(options: AttentionOptions, attributes: AttentionAttributes): void {
  for (const { pair, holds, reason } of rules) {
    if (holds(options, attributes)) {
      throw new Error(`attention: ${pair[0]} and ${pair[1]} cannot be combined: ${reason}`);
    }
  }
}
