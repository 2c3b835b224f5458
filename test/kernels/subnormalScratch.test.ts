/**
 * No kernel makes, or hands on, a subnormal number of operands whose logarithms are uniform from 1e-45 to 1e3: neither in its
 * results nor in packed panels and other scratch. Copies of operands may hold theirs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { attention, type AttentionOptions, gelu, rmsNormalization, softmaxCrossEntropy } from '../../src/index.js';
import { addPositions } from '../../src/ops/addPositions.js';
import { batchNormalization, batchNormalizationInference } from '../../src/ops/batchNormalization.js';
import { blend } from '../../src/ops/blend.js';
import { depthwiseConvolution } from '../../src/ops/depthwiseConvolution.js';
import { dropout } from '../../src/ops/dropout.js';
import { embedding } from '../../src/ops/embedding.js';
import { layerNormalization } from '../../src/ops/layerNormalization.js';
import { linear } from '../../src/ops/linear.js';
import { poolPositions } from '../../src/ops/poolPositions.js';
import { recurrent } from '../../src/ops/recurrent.js';
import { residual } from '../../src/ops/residual.js';
import { builds, initBuild } from '../support/builds.js';
import { logUniform, subnormals } from '../support/logUniform.js';
import { countWords } from '../support/scratchWords.js';

interface Subject {
  /** Of the operands. */
  shapes: number[][];
  op: (...operands: tf.Tensor[]) => tf.Tensor;
  /** Operands that have a gradient; default: all. */
  differentiated?: number;
}

const product = (a: number[], b: number[], transposeA = false, transposeB = false): Subject => ({
  shapes: [a, b],
  op: (a, b) => tf.matMul(a, b, transposeA, transposeB),
});

const attended = (options: AttentionOptions, keys = 150, width = 16): Subject => ({
  shapes: [
    [1, 2, 70, width],
    [1, 1, keys, width],
    [1, 1, keys, width],
  ],
  op: (q, k, v) => attention(q, k, v, options),
});

const sequence = [3, 29, 37];
const vectors = [[37], [37]];

const subjects: Record<string, Subject> = {
  'a product': product([130, 270], [270, 65]),
  'a product, A transposed': product([270, 130], [270, 65], true),
  'a product, B transposed': product([130, 270], [65, 270], false, true),
  'small products': product([20, 29, 33], [20, 33, 29]),
  'few rows': product([3, 270], [270, 65]),
  'one row': product([1, 270], [270, 65]),
  'few columns': product([130, 270], [270, 1]),
  ...Object.fromEntries(
    (['relu', 'gelu', 'geluTanh'] as const).map((activation): [string, Subject] => [
      `linear ${activation}`,
      { shapes: [[70, 40], [40, 33], [33]], op: (x, kernel, bias) => linear(x, kernel, bias, activation) },
    ]),
  ),
  'attention softmax': attended({}),
  'attention softmax, short': attended({}, 20, 7),
  'attention causal': attended({ causal: true }),
  'attention window': attended({ window: [9, 9] }),
  'attention with a soft cap': attended({ softcap: 30 }),
  'attention with dropout': attended({ dropout: 0.3, seed: 1 }),
  'attention with slopes': attended({ alibiSlopes: true }),
  'Attention-BN': attended({ batchNorm: true }),
  'Attention-BN without variance': attended({ batchNorm: { variance: false, beta: 0.5 } }),
  'Attention-SH': attended({ headScales: [3] }),
  'Attention-BN+SH': attended({ batchNorm: true, headScales: [3] }),
  'attention linear': attended({ kernel: 'linear' }),
  'attention linear, causal': attended({ kernel: 'linear', causal: true }),
  'attention linear+bn': attended({ kernel: 'linear', batchNorm: true }),
  'layer normalisation': { shapes: [sequence, ...vectors], op: (x, gamma, beta) => layerNormalization(x, gamma, beta) },
  'root mean square': { shapes: [sequence, [37]], op: (x, gamma) => rmsNormalization(x, { gamma }) },
  'batch normalisation': {
    shapes: [sequence, ...vectors],
    op: (x, gamma, beta) => batchNormalization(x, gamma, beta, [29, 9, 0]).value,
  },
  'batch normalisation, inference': {
    shapes: [sequence, ...vectors, [37], [37]],
    op: (x, gamma, beta, mean, variance) => batchNormalizationInference(x, gamma, beta, mean, tf.abs(variance)),
    differentiated: 3,
  },
  gelu: { shapes: [[1003]], op: (x) => gelu(x) },
  'gelu, tanh form': { shapes: [[1003]], op: (x) => gelu(x, true) },
  dropout: { shapes: [sequence], op: (x) => dropout(x, 0.3, 1) },
  residual: { shapes: [sequence, sequence], op: (x, branch) => residual(x, branch, 0.3, 1) },
  blend: { shapes: [sequence, sequence], op: (x, y) => blend(x, 0.3, y, 0.7), differentiated: 0 },
  positions: { shapes: [sequence, [29, 37]], op: (x, positions) => addPositions(x, positions, 0.7) },
  'averages of positions': { shapes: [sequence], op: (x) => poolPositions(x, 3, [29, 9, 0], 1) },
  'cross-entropy': {
    shapes: [
      [40, 37],
      [40, 37],
    ],
    op: (logits, labels) => softmaxCrossEntropy(logits, tf.abs(labels)),
    differentiated: 1,
  },
  embedding: {
    shapes: [[9, 37]],
    op: (table) =>
      embedding(
        tf.tensor1d(
          Array.from({ length: 70 }, (_, i) => i % 9),
          'int32',
        ),
        table,
      ),
  },
  convolution: {
    shapes: [
      [2, 4, 29, 21],
      [2, 21, 5],
    ],
    op: (x, kernel) => depthwiseConvolution(x, kernel, { lengths: [29, 17], grid: [1, 29] }),
  },
  LSTM: {
    shapes: [
      [8, 6, 20],
      [5, 20],
      [8, 5],
      [8, 5],
    ],
    op: (z, kernel, ...initial) => recurrent({ z, kernel, initial }, { cell: 'LSTMCell', hardSigmoid: false })[0],
  },
};

describe.each(builds)('log-uniform operands, %s', (build) => {
  beforeAll(() => initBuild(build, 1));

  it.each(Object.keys(subjects))('%s', (name) => {
    const { shapes, op, differentiated = shapes.length } = subjects[name];
    const operands = shapes.map((shape, i) => logUniform(shape, i));
    const dY = logUniform(
      tf.tidy(() => op(...operands).shape),
      99,
    );
    const f = (...first: tf.Tensor[]) => op(...first, ...operands.slice(differentiated));
    const run = () =>
      tf.tidy(() => [
        op(...operands),
        ...(differentiated > 0 ? tf.grads(f)(operands.slice(0, differentiated), dY) : []),
      ]);
    let results: tf.Tensor[] = [];
    const words = countWords(() => (results = run()));
    expect(words.subnormal).toBeLessThanOrEqual(2 + words.all / 256);
    const given = new Set([...operands, dY].flatMap((tensor) => [...tensor.dataSync()]));
    expect(subnormals(results).filter((x) => !given.has(x))).toEqual([]);
  });
});
