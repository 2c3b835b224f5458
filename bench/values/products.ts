// Matrix products at the sizes of step A, small ones in batches, and the linear map with GELU.

import * as tf from '@tensorflow/tfjs-core';
import { linear } from '../../src/ops/linear.js';
import { geluTails } from './operandValues.js';
import { bothPasses, type Work } from './work.js';

type Form = 'NN' | 'NT' | 'TN';

/** @param small 'a', or 'b' where that is a gradient */
function product(form: Form, [rows, depth, columns]: number[], small: 'a' | 'b', batch: number[] = []): Work {
  const [transposeA, transposeB] = [...form].map((letter) => letter === 'T');
  const a = [...batch, ...(transposeA ? [depth, rows] : [rows, depth])];
  const b = [...batch, ...(transposeB ? [columns, depth] : [depth, columns])];
  return {
    kernel: `matMul ${form}`,
    pass: 'forward',
    shape: `[${a.join()}]x[${b.join()}]`,
    operands: { a: { shape: a }, b: { shape: b } },
    small: [small],
    run: ({ a, b }) => tf.matMul(a, b, transposeA, transposeB),
  };
}

const forms: readonly Form[] = ['NN', 'NT', 'TN'];
const [rows, inner, units] = [464, 512, 2048];

export const productWorks: readonly Work[] = [
  ...forms.map((form) => product(form, [464, 512, 1536], 'a')),
  // The gradient of the weights of the first.
  product('TN', [512, 464, 1536], 'b'),
  ...forms.map((form) => product(form, [29, 64, 29], 'a', [256])),
  // Without packing, and a block of few rows.
  ...[1, 4, 8].map((rows) => product('NN', [rows, 512, 2048], 'a')),
  ...bothPasses({
    kernel: 'linear gelu',
    shape: `[${rows},${inner}]x[${inner},${units}]`,
    operands: {
      x: { shape: [rows, inner] },
      kernel: { shape: [inner, units], factor: 1 / Math.sqrt(inner) },
      bias: { shape: [units] },
    },
    out: [rows, units],
    small: ['x'],
    also: [geluTails('bias')],
    f: (x, kernel, bias) => linear(x, kernel, bias, 'gelu'),
  }),
];
