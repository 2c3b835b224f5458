// Attention: many short sequences, and one longer.

import { attention, attentionForm } from '../../src/index.js';
import type { AttentionShape } from '../../src/benchmarks/attentionCalls.js';
import { ranges } from './operandValues.js';
import { bothPasses, type Work } from './work.js';

const short: AttentionShape = [16, 8, 29, 64];
const long: AttentionShape = [1, 8, 512, 64];

const cases: readonly (readonly [form: string, shape: AttentionShape])[] = [
  ['softmax', short],
  ['softmax', long],
  ['bn', long],
  ['bn+sh', long],
  ['linear', long],
];

export const attentionWorks: readonly Work[] = cases.flatMap(([form, shape]) => {
  const [, heads, length] = shape;
  const options = attentionForm(form)({ heads, length });
  return bothPasses({
    kernel: `attention ${form}`,
    shape: shape.join('x'),
    operands: { q: { shape }, k: { shape }, v: { shape } },
    out: shape,
    small: ['v'],
    also: form === 'softmax' ? ranges('q') : [],
    f: (q, k, v) => attention(q, k, v, options),
  });
});
