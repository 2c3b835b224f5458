// Calls of the ops, exported or used by the layers.

import * as tf from '@tensorflow/tfjs-core';
import * as pa from '../../../src/index.js';
import { addPositions } from '../../../src/ops/addPositions.js';
import { averagePositions } from '../../../src/ops/averagePositions.js';
import { batchNormalization, batchNormalizationInference } from '../../../src/ops/batchNormalization.js';
import { blend } from '../../../src/ops/blend.js';
import { dropout } from '../../../src/ops/dropout.js';
import { embedding } from '../../../src/ops/embedding.js';
import { headsAttention } from '../../../src/ops/headsAttention.js';
import type { Columns, HeadsLayout } from '../../../src/ops/headsRuns.js';
import { headsAttentionWeights } from '../../../src/ops/headsAttentionWeights.js';
import { layerNormalization } from '../../../src/ops/layerNormalization.js';
import { linear } from '../../../src/ops/linear.js';
import { maskPositions } from '../../../src/ops/maskPositions.js';
import { recurrent } from '../../../src/ops/recurrent.js';
import { poolPositions } from '../../../src/ops/poolPositions.js';
import { residual } from '../../../src/ops/residual.js';
import type { Random } from '../../support/random.js';
import type { Call, Generator } from '../runCall.js';
import { integers, lengthsOf, normals, sizeOf, someOf, withGradients } from './tensors.js';

interface Sizes {
  B: number;
  H: number;
  G: number;
  N: number;
  M: number;
  D: number;
  E: number;
}

function sizes(rng: Random): Sizes {
  const G = rng.integer(1, 3);
  const [B, H, N, M] = [rng.integer(1, 3), G * rng.integer(1, 2), sizeOf(rng), sizeOf(rng)];
  return { B, H, G, N, M: rng.chance(0.5) ? N : M, D: sizeOf(rng), E: sizeOf(rng) };
}

/** Options of attention, many of which do not go together. */
export function attentionOptions(rng: Random, { B, H, G, N, M, D }: Sizes): Record<string, unknown> {
  const mask = () =>
    rng.chance(0.5)
      ? tf.cast(integers(rng, 1, N, M), 'bool')
      : normals(rng, rng.pick([1, B]), rng.pick([1, H]), rng.pick([1, N]), M);
  return someOf(
    rng,
    {
      kernel: () => rng.pick(['linear', 'softmax']),
      scale: () => rng.pick([0.3, 1, 5]),
      batchNorm: () => rng.pick([true, { beta: 0.5 }, { variance: false }, { beta: tf.scalar(0.7), epsilon: 1e-3 }]),
      headScales: () => Array.from({ length: G }, () => rng.integer(1, 4)),
      conv: () => ({ kernel: normals(rng, G, D, rng.integer(1, 3)) }),
      mask,
      keyLengths: () => lengthsOf(rng, B, M),
      causal: () => true,
      window: () => [rng.integer(-1, 5), rng.integer(-1, 5)],
      queryOffset: () => rng.pick([rng.integer(-N, M), lengthsOf(rng, B, M)]),
      blockMask: () => pa.blockMask((_, i, j) => (i + j) % 3 > 0, { queries: N, keys: M, blockSize: 8 }),
      softcap: () => 5,
      alibiSlopes: () => true,
      dropout: () => 0.4,
      seed: () => rng.integer(0, 1000),
    },
    0.13,
  );
}

const attentionCall: Generator = (rng) => {
  const own = sizes(rng);
  const { B, H, G, N, M, D, E } = own;
  const options = attentionOptions(rng, own);
  const operands = [normals(rng, B, H, N, D), normals(rng, B, G, M, D), normals(rng, B, G, M, E)];
  return {
    args: [...operands, { seed: 1, ...options }],
    legal: Object.keys(options).length === 0,
    run: (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, all: pa.AttentionOptions) =>
      withGradients((...xs) => pa.attention(xs[0], xs[1], xs[2], all), [q, k, v]),
  };
};

const attentionWeightsCall: Generator = (rng) => {
  const own = sizes(rng);
  const { B, H, G, N, M, D } = own;
  return {
    args: [normals(rng, B, H, N, D), normals(rng, B, G, M, D), { seed: 1, ...attentionOptions(rng, own) }],
    run: pa.attentionWeights,
  };
};

/** Heads in two groups, the second of averages, in projections of their own or side by side. */
function headsCall(rng: Random): [tf.Tensor[], HeadsLayout, object] {
  const [B, N, M, heads] = [rng.integer(1, 3), sizeOf(rng), sizeOf(rng), rng.integer(1, 3)];
  const [headWidth, valueWidth] = [sizeOf(rng), sizeOf(rng)];
  const [queries, values] = [heads * headWidth, heads * valueWidth];
  const scale = rng.integer(1, 3);
  const pooled = Math.ceil(M / scale);
  const at = (projection: number, column = 0): Columns => ({ projection, column });
  const projections = [
    ...[normals(rng, B, N, 2 * queries), normals(rng, B, M, queries + values)],
    ...[normals(rng, B, pooled, queries), normals(rng, B, pooled, values)],
  ];
  const groups = [
    { heads, scale: 1, q: at(0), k: at(1), v: at(1, queries) },
    { heads, scale, q: at(0, queries), k: at(2), v: at(3) },
  ];
  const options = someOf(rng, {
    keyLengths: () => lengthsOf(rng, B, M),
    causal: () => true,
    batchNorm: () => true,
    kernel: () => 'linear',
    dropout: () => 0.3,
    softcap: () => 3,
  });
  return [projections, { headWidth, valueWidth, positions: M, groups }, { ...options, seeds: [1, 2] }];
}

const sequence = (rng: Random) => [rng.integer(1, 4), sizeOf(rng), sizeOf(rng)] as const;

/** A call of an op whose first arguments are tensors to be differentiated in. */
function differentiated(op: unknown, tensors: tf.Tensor[], ...others: unknown[]): Call {
  const call = op as (...args: unknown[]) => tf.Tensor;
  return {
    legal: true,
    args: [...tensors, ...others],
    run: (...args: unknown[]) => {
      const rest = args.slice(tensors.length);
      return withGradients((...xs) => call(...xs, ...rest), args.slice(0, tensors.length) as tf.Tensor[]);
    },
  };
}

/** By the names of the exports. */
export const exportedOps: Record<string, Generator> = {
  attention: attentionCall,
  attentionWeights: attentionWeightsCall,
  gelu: (rng) => differentiated(pa.gelu, [normals(rng, sizeOf(rng), sizeOf(rng))], rng.chance(0.5)),
  rmsNormalization: (rng) => {
    const C = sizeOf(rng);
    const options = someOf(rng, { gamma: () => normals(rng, C), epsilon: () => 1e-3 }, 0.5);
    return differentiated(pa.rmsNormalization, [normals(rng, 3, sizeOf(rng), C)], options);
  },
  softmaxCrossEntropy: (rng) => {
    const shape = [sizeOf(rng), sizeOf(rng)];
    const weights = () => Array.from({ length: shape[0] }, () => rng.next());
    const options = someOf(rng, { labelSmoothing: () => 0.1, weights }, 0.5);
    return {
      legal: true,
      args: [normals(rng, ...shape), tf.softmax(normals(rng, ...shape)), options],
      run: (logits: tf.Tensor, labels: tf.Tensor, all: object) =>
        withGradients((x) => pa.softmaxCrossEntropy(x, labels, all), [logits]),
    };
  },
  crossEntropy: (rng) => {
    const shape = [sizeOf(rng), sizeOf(rng)];
    const [labels, probabilities] = [tf.softmax(normals(rng, ...shape)), tf.softmax(normals(rng, ...shape))];
    return { legal: true, args: [labels, probabilities], run: pa.crossEntropy };
  },
  meanSquaredError: (rng) => {
    const shape = [sizeOf(rng), sizeOf(rng)];
    return { legal: true, args: [normals(rng, ...shape), normals(rng, ...shape)], run: pa.meanSquaredError };
  },
  blockMask: (rng) => {
    const [queries, keys] = [sizeOf(rng), sizeOf(rng)];
    const rows = (n: number) => Math.ceil(n / 8);
    const pattern = Array.from({ length: rows(queries) }, () =>
      Array.from({ length: rows(keys) }, () => rng.chance(0.5)),
    );
    const source = rng.chance(0.5) ? pattern : (_: number, i: number, j: number) => i > j;
    return {
      legal: true,
      args: [source, { queries, keys, blockSize: 8 }],
      run: (...args: Parameters<typeof pa.blockMask>) => {
        const { rows, columns, table, bitmaps, density } = pa.blockMask(...args);
        return [rows, columns, table, bitmaps, density];
      },
    };
  },
  BlockMask: (rng) => ({
    // As `attention` gets it where somebody makes one without `blockMask`.
    args: [[[[rng.chance(0.5)]]], rng.integer(1, 2), 5, 7, 8],
    run: (...args: ConstructorParameters<typeof pa.BlockMask>) => {
      const mask = new pa.BlockMask(...args);
      const [q, k] = [tf.ones([1, 2, 5, 4]), tf.ones([1, 2, 7, 4])];
      return pa.attention(q, k, k, { blockMask: mask });
    },
  }),
};

/** Ops that layers use. */
export const innerOps: Record<string, Generator> = {
  addPositions: (rng) => {
    const [B, N, C] = sequence(rng);
    return differentiated(addPositions, [normals(rng, B, N, C), normals(rng, N, C)], rng.pick([1, 2.5]));
  },
  averagePositions: (rng) => {
    const [B, N, C] = sequence(rng);
    return differentiated(averagePositions, [normals(rng, B, N, C)], lengthsOf(rng, B, N));
  },
  batchNormalization: (rng) => {
    const [B, N, C] = sequence(rng);
    const op = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, lengths?: number[]) =>
      batchNormalization(x, gamma, beta, lengths, 0.1).value;
    return differentiated(op, [normals(rng, B, N, C), normals(rng, C), normals(rng, C)], lengthsOf(rng, B, N));
  },
  batchNormalizationInference: (rng) => {
    const [B, N, C] = sequence(rng);
    const vectors = [normals(rng, C), normals(rng, C), normals(rng, C), tf.square(normals(rng, C))];
    return {
      legal: true,
      args: [normals(rng, B, N, C), ...vectors, 0.1],
      run: (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor, epsilon: number) =>
        withGradients(
          (...xs) => batchNormalizationInference(xs[0], xs[1], xs[2], mean, variance, epsilon),
          [x, gamma, beta],
        ),
    };
  },
  blend: (rng) => {
    const shape = [sizeOf(rng), sizeOf(rng)];
    return { legal: true, args: [normals(rng, ...shape), 0.5, normals(rng, ...shape), 2], run: blend };
  },
  dropout: (rng) => differentiated(dropout, [normals(rng, sizeOf(rng), sizeOf(rng))], rng.pick([0, 0.4]), 3),
  embedding: (rng) => {
    const [V, C] = [sizeOf(rng), sizeOf(rng)];
    return {
      legal: true,
      args: [integers(rng, V - 1, 3, sizeOf(rng)), normals(rng, V, C)],
      run: (indices: tf.Tensor, table: tf.Tensor) => withGradients((x) => embedding(indices, x), [table]),
    };
  },
  // A layout is a layer's own, and no argument of a user.
  headsAttention: (rng) => {
    const [projections, layout, options] = headsCall(rng);
    return {
      args: [...projections, options],
      run: (q: tf.Tensor, kv: tf.Tensor, k: tf.Tensor, v: tf.Tensor, all: object) =>
        withGradients((...xs) => headsAttention(xs, layout, all), [q, kv, k, v]),
    };
  },
  headsAttentionWeights: (rng) => {
    const [projections, layout, options] = headsCall(rng);
    return {
      args: [...projections, options],
      run: (q: tf.Tensor, kv: tf.Tensor, k: tf.Tensor, v: tf.Tensor, all: object) =>
        headsAttentionWeights([q, kv, k, v], layout, all),
    };
  },
  layerNormalization: (rng) => {
    const C = sizeOf(rng);
    return differentiated(layerNormalization, [normals(rng, 2, sizeOf(rng), C), normals(rng, C), normals(rng, C)], 0.1);
  },
  linear: (rng) => {
    const [C, U] = [sizeOf(rng), sizeOf(rng)];
    const tensors = [normals(rng, sizeOf(rng), C), normals(rng, C, U), normals(rng, U)];
    return differentiated(linear, tensors, rng.pick(['linear', 'relu', 'gelu', 'geluTanh']));
  },
  maskPositions: (rng) => {
    const [B, N, C] = sequence(rng);
    return differentiated(maskPositions, [normals(rng, B, N, C)], lengthsOf(rng, B, N));
  },
  poolPositions: (rng) => {
    const [B, N, C] = sequence(rng);
    return differentiated(poolPositions, [normals(rng, B, N, C)], rng.integer(1, 4), lengthsOf(rng, B, N), 1);
  },
  recurrent: (rng) => {
    const cell = rng.pick(['SimpleRNNCell', 'LSTMCell', 'GRUCell'] as const);
    const [batch, steps, units] = [sizeOf(rng), rng.integer(1, 4), sizeOf(rng)];
    const width = { SimpleRNNCell: 1, LSTMCell: 4, GRUCell: 3 }[cell] * units;
    const states = cell === 'LSTMCell' ? 2 : 1;
    const tensors = [[batch, steps, width], [units, width], ...new Array<number[]>(states).fill([batch, units])];
    const op = (z: tf.Tensor, kernel: tf.Tensor, ...initial: tf.Tensor[]) =>
      recurrent({ z, kernel, initial }, { cell, hardSigmoid: steps > 2 })[0];
    return differentiated(
      op,
      tensors.map((shape) => normals(rng, ...shape)),
    );
  },
  residual: (rng) => {
    const shape = [sizeOf(rng), sizeOf(rng)];
    return differentiated(residual, [normals(rng, ...shape), normals(rng, ...shape)], rng.pick([0, 0.3]), 5);
  },
  'matMul, fused, add, cast, identity, gather': (rng) => {
    const [B, N, K, M] = [rng.integer(1, 3), sizeOf(rng), sizeOf(rng), sizeOf(rng)];
    const ids = integers(rng, N - 1, sizeOf(rng));
    return {
      legal: true,
      args: [normals(rng, B, N, K), normals(rng, B, K, M), normals(rng, rng.pick([1, M]))],
      // What the first has made goes if the second refuses.
      run: (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) =>
        tf.tidy(() => [
          ...withGradients(
            (...xs) => {
              const product = tf.add(tf.matMul(xs[0], xs[1]), tf.clone(xs[2]));
              const flat = tf.reshape(tf.cast(xs[0], 'float32'), [-1, xs[0].shape.at(-1)!]);
              return tf.concat([tf.reshape(product, [-1]), tf.reshape(tf.gather(flat, ids), [-1])]);
            },
            [a, b, bias],
          ),
          tf.fused.matMul({ a, b, bias, activation: rng.pick(['relu', 'linear', 'elu', 'relu6']) }),
        ]),
    };
  },
};
