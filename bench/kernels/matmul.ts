// Matrix products in all transpose forms, against tfjs's own kernel.

import * as tf from '@tensorflow/tfjs-core';
import type { Row } from './rows.js';

function row(batch: number, rows: number, depth: number, columns: number, form: 'NN' | 'NT' | 'TN' | 'TT'): Row {
  const [transposeA, transposeB] = [...form].map((letter) => letter === 'T');
  const aShape = transposeA ? [depth, rows] : [rows, depth];
  const bShape = transposeB ? [columns, depth] : [depth, columns];
  return {
    kernel: `matMul ${form}`,
    pass: 'forward',
    shape: `${batch > 1 ? `${batch}x` : ''}[${rows},${depth}]x[${depth},${columns}]`,
    beside: 'tfjs',
    prepare() {
      const leading = batch > 1 ? [batch] : [];
      const a = tf.randomNormal([...leading, ...aShape], 0, 1, 'float32', 1);
      const b = tf.randomNormal([...leading, ...bShape], 0, 1, 'float32', 2);
      const call = () => tf.matMul(a, b, transposeA, transposeB).dispose();
      const flops = 2 * batch * rows * depth * columns;
      return { flops, ours: call, tfjs: call, dispose: () => tf.dispose([a, b]) };
    },
  };
}

const forms = ['NN', 'NT', 'TN', 'TT'] as const;

export const matMulRows: Row[] = [
  ...forms.map((form) => row(1, 928, 512, 2048, form)),
  ...forms.map((form) => row(256, 29, 64, 29, form)),
  row(1, 1, 512, 2048, 'NN'),
  row(1, 1, 512, 2048, 'NT'),
  row(1, 8, 512, 2048, 'NN'),
];
