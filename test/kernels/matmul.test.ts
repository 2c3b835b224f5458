import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/index.js';
import { builds, initBuild } from '../support/builds.js';
import { maxError } from '../support/attention.js';
import { expectCleanError } from '../support/expectCleanError.js';
import { type Matrix, matMulBound, matMulOracle, transposed } from '../oracles/matMulOracle.js';
import { normal } from '../support/normal.js';
import { random } from '../support/random.js';

const forms = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

/** The matrices of a tensor [..., rows, columns], one for each of a broadcast batch. */
function matrices(tensor: tf.Tensor, batch: number[]): Matrix[] {
  const [rows, columns] = tensor.shape.slice(-2);
  const values = tf.broadcastTo(tensor, [...batch, rows, columns]).dataSync();
  const size = rows * columns;
  return Array.from({ length: tf.util.sizeFromShape(batch) }, (_, at) => ({
    ...{ values: values.subarray(at * size, (at + 1) * size), rows, columns },
  }));
}

/** Checks `actual` against the oracle's products of all matrices of a and b, which are not transposed. */
function expectProducts(actual: tf.Tensor, a: tf.Tensor, b: tf.Tensor): void {
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const [left, right] = [matrices(a, batch), matrices(b, batch)];
  expect(actual.shape).toEqual([...batch, a.shape.at(-2), b.shape.at(-1)]);
  const values = actual.dataSync();
  const size = actual.shape.at(-2)! * actual.shape.at(-1)!;
  for (const [at, matrix] of left.entries()) {
    const error = maxError(values.subarray(at * size, (at + 1) * size), matMulOracle(matrix, right[at]));
    expect(error, `matrix ${at}`).toBeLessThanOrEqual(matMulBound(matrix, right[at]));
  }
}

const swapLast = (tensor: tf.Tensor) => {
  const axes = tensor.shape.map((_, axis) => axis);
  return tf.transpose(tensor, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
};

describe('products of all sizes, in all four forms', () => {
  afterAll(async () => {
    await init();
  });

  // Around tiles of 4 or 6 x 8, thin products, and blocks of 120 or 128 rows, 256 terms and 512 columns.
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 31, 119, 120, 121, 127, 128, 129, 255, 256, 257, 511, 512, 513];
  const rng = random('products');
  const drawn = Array.from({ length: 300 }, () => [rng.pick(sizes), rng.pick(sizes), rng.pick(sizes)]);
  const triples = [
    ...[
      [1, 1, 1],
      [4, 8, 256],
      [5, 513, 257],
      [129, 9, 513],
      [257, 8, 511],
      [3, 511, 129],
      [131, 517, 5],
      // In parts: 12 of 257 terms, 16 of 256, 24 of 300.
      [12, 9, 3084],
      [40, 24, 4096],
      [9, 65, 7200],
    ],
    ...drawn.filter(([rows, columns, depth]) => rows * columns * depth < 2e6).slice(0, 100),
  ];
  const matrix = (rows: number, columns: number, seed: string): Matrix => {
    return { values: random(`${rows} ${columns} ${seed}`).normals(rows * columns), rows, columns };
  };
  const products = triples.map(([rows, columns, depth]) => {
    const [a, b] = [matrix(rows, depth, 'a'), matrix(depth, columns, 'b')];
    const label = `[${rows}, ${depth}] x [${depth}, ${columns}]`;
    return { label, a, b, exact: matMulOracle(a, b), bound: matMulBound(a, b) };
  });

  /** A matrix as a tensor, and as one that is to be transposed again. */
  const bothWays = (matrix: Matrix) => [
    tf.tensor2d(Float32Array.from(matrix.values), [matrix.rows, matrix.columns]),
    tf.tensor2d(transposed(matrix), [matrix.columns, matrix.rows]),
  ];

  it.each(builds)('%s build', async (build) => {
    await initBuild(build);
    const failures: string[] = [];
    for (const { label, a, b, exact, bound } of products) {
      const [left, right] = [bothWays(a), bothWays(b)];
      for (const [transposeA, transposeB] of forms) {
        const product = tf.matMul(left[Number(transposeA)], right[Number(transposeB)], transposeA, transposeB);
        const error = maxError(product.dataSync(), exact);
        if (!(error <= bound))
          failures.push(`${label}, ${transposeA}, ${transposeB}: off by ${error}, allowed ${bound}`);
        product.dispose();
      }
      tf.dispose([left, right]);
    }
    expect(failures).toEqual([]);
  });
});

beforeAll(async () => {
  await init();
});

describe('batches', () => {
  it.each([
    [
      [3, 5, 6],
      [3, 6, 7],
    ],
    [
      [3, 5, 6],
      [6, 7],
    ],
    [
      [5, 6],
      [3, 6, 7],
    ],
    [
      [3, 5, 6],
      [1, 6, 7],
    ],
    [
      [1, 5, 6],
      [3, 6, 7],
    ],
    [
      [2, 1, 5, 6],
      [3, 6, 7],
    ],
    [
      [2, 3, 9, 6],
      [2, 3, 6, 12],
    ],
    [
      [2, 3, 9, 6],
      [3, 6, 12],
    ],
    [
      [1, 3, 9, 6],
      [2, 1, 6, 12],
    ],
    [
      [2, 3, 9, 6],
      [1, 1, 6, 12],
    ],
    [
      [2, 1, 4, 1, 2, 3],
      [3, 1, 2, 3, 2],
    ],
    [
      [1, 1, 1, 5],
      [2, 2, 5, 1],
    ],
  ])('%j x %j', (aShape, bShape) => {
    const [a, b] = [normal(aShape, 'a'), normal(bShape, 'b')];
    for (const [transposeA, transposeB] of forms) {
      const left = transposeA ? swapLast(a) : a;
      const right = transposeB ? swapLast(b) : b;
      expectProducts(tf.matMul(left, right, transposeA, transposeB), a, b);
    }
  });
});

describe('nothing to multiply', () => {
  it.each([
    [
      [3, 0],
      [0, 4],
      [3, 4],
    ],
    [
      [0, 3],
      [3, 4],
      [0, 4],
    ],
    [
      [3, 2],
      [2, 0],
      [3, 0],
    ],
    [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
    [
      [2, 3, 0],
      [2, 0, 9],
      [2, 3, 9],
    ],
    [
      [0, 3, 4],
      [0, 4, 5],
      [0, 3, 5],
    ],
    [
      [0, 3, 4],
      [4, 5],
      [0, 3, 5],
    ],
  ])('%j x %j gives zeros of %j', (aShape, bShape, shape) => {
    const out = tf.matMul(tf.ones(aShape), tf.ones(bShape));
    expect(out.shape).toEqual(shape);
    expect(out.dataSync()).toEqual(new Float32Array(tf.util.sizeFromShape(shape)));
  });

  it('depth 0 leaves the bias, and its activation', () => {
    const [a, b] = [tf.zeros<tf.Rank.R2>([9, 0]), tf.zeros<tf.Rank.R2>([0, 3])];
    const out = tf.fused.matMul({ a, b, bias: tf.tensor1d([-1, 0, 2]), activation: 'relu' });
    expect(out.dataSync()).toEqual(Float32Array.from({ length: 27 }, (_, at) => (at % 3 === 2 ? 2 : 0)));
  });
});

describe('fused', () => {
  const alpha = 0.3;
  /** As tfjs-core defines them. */
  const activations: Record<string, (x: number, slope: number) => number> = {
    linear: (x) => x,
    relu: (x) => Math.max(x, 0),
    relu6: (x) => Math.min(Math.max(x, 0), 6),
    elu: (x) => (x < 0 ? Math.expm1(x) : x),
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    leakyrelu: (x) => (x < 0 ? alpha * x : x),
    prelu: (x, slope) => (x < 0 ? slope * x : x),
  };
  const names = Object.keys(activations) as tf.fused.Activation[];

  /** Element `at` of a tensor that broadcasts to `shape`, for all `at`. */
  const spread = (tensor: tf.Tensor | undefined, shape: number[]) =>
    tensor
      ? tf.broadcastTo(tf.cast(tensor, 'float32'), shape).dataSync()
      : new Float32Array(tf.util.sizeFromShape(shape));

  /** Largest error of the fused product against the oracle, by the size of its largest term. */
  function fusedError(
    aShape: number[],
    bShape: number[],
    activation: tf.fused.Activation,
    biasShape?: number[],
    slopeShape?: number[],
  ): number {
    const [a, b] = [normal(aShape, 'a'), normal(bShape, 'b')];
    const bias = biasShape && tf.mul<tf.Tensor>(normal(biasShape, 'bias'), 4);
    const slopes = slopeShape && normal(slopeShape, 'slopes');
    const out = tf.fused.matMul({
      ...{ a, b, bias, activation, preluActivationWeights: slopes, leakyreluAlpha: alpha },
    });
    const batch = out.shape.slice(0, -2);
    const [left, right] = [matrices(a, batch), matrices(b, batch)];
    const products = left.flatMap((matrix, at) => [...matMulOracle(matrix, right[at])]);
    const [biases, factors] = [spread(bias, out.shape), spread(slopes, out.shape)];
    const expected = products.map((product, at) => activations[activation](product + biases[at], factors[at]));
    expect(out.size).toBe(products.length);
    return maxError(out.dataSync(), expected);
  }

  // 4 x 8 tiles whole and ragged, a thin product, two blocks of terms.
  const shapes = [
    [8, 8, 16],
    [7, 5, 11],
    [3, 6, 9],
    [1, 257, 4],
    [9, 300, 3],
  ];

  it.each(names)('%s, without and with one bias a column', (activation) => {
    for (const [rows, depth, columns] of shapes) {
      const slopes = activation === 'prelu' ? [columns] : undefined;
      const bound = 2e-6 * Math.sqrt(depth);
      expect(fusedError([rows, depth], [depth, columns], activation, undefined, slopes)).toBeLessThan(bound);
      expect(fusedError([rows, depth], [depth, columns], activation, [columns], slopes)).toBeLessThan(bound);
      expect(fusedError([2, rows, depth], [2, depth, columns], activation, [columns], slopes)).toBeLessThan(bound);
    }
  });

  it.each(names)('%s, with a bias of any shape', (activation) => {
    for (const bias of [[], [1], [1, 9], [1, 1, 9], [5, 9], [5, 1], [2, 1, 1], [2, 5, 9], [1, 5, 1]]) {
      const slopes = activation === 'prelu' ? [9] : undefined;
      expect(fusedError([2, 5, 6], [2, 6, 9], activation, bias, slopes), bias.join()).toBeLessThan(5e-6);
    }
  });

  it('prelu with slopes of any shape', () => {
    for (const slopes of [[], [1], [9], [1, 9], [1, 1, 9], [5, 9], [5, 1], [2, 1, 1], [2, 5, 9], [1, 5, 1]]) {
      const label = slopes.join();
      expect(fusedError([2, 5, 6], [2, 6, 9], 'prelu', undefined, slopes), label).toBeLessThan(5e-6);
      expect(fusedError([2, 5, 6], [2, 6, 9], 'prelu', [5, 1], slopes), label).toBeLessThan(5e-6);
    }
  });

  it('adds the bias once, however many blocks of terms there are', () => {
    const [a, b] = [tf.ones<tf.Rank.R3>([2, 1, 1000]), tf.ones<tf.Rank.R3>([2, 1000, 1])];
    expect(tf.fused.matMul({ a, b, bias: tf.scalar(10) }).dataSync()).toEqual(Float32Array.of(1010, 1010));
  });

  it("takes tfjs's alpha for leakyrelu if none is given", () => {
    const [a, b] = [tf.tensor2d([[-1, 2]]), tf.eye(2)];
    const out = tf.fused.matMul({ a, b, activation: 'leakyrelu' });
    expect(maxError(out.dataSync(), [-0.2, 2])).toBeLessThan(1e-7);
  });

  it('at the ends of the range of float32', () => {
    const values = [-Infinity, -3e38, -200, -88, -87, -1e-3, -1e-30, -0, 0, 1e-30, 1e-3, 16, 88, 3e38, Infinity, NaN];
    const a = tf.tensor2d(values, [16, 1]);
    for (const activation of names) {
      const weights = { preluActivationWeights: tf.tensor1d([0.5]), leakyreluAlpha: alpha };
      const out = tf.fused.matMul({ a, b: tf.ones([1, 1]), activation, ...weights }).dataSync();
      for (const [at, value] of values.entries()) {
        const exact = Math.fround(activations[activation](Math.fround(value), 0.5));
        const label = `${activation}(${value}) was ${out[at]}, not ${exact}`;
        // An absolute error is what sums of weights of size 1 notice.
        if (Number.isFinite(exact))
          expect(Math.abs(out[at] - exact) / Math.max(1, Math.abs(exact)), label).toBeLessThan(2e-7);
        else expect(out[at], label).toBe(exact);
      }
    }
  });

  it("is what tfjs's separate ops give", () => {
    const [a, b, bias] = [normal([6, 7], 'a'), normal([7, 10], 'b'), normal([10], 'bias')];
    const slopes = normal([10], 'slopes');
    const x = tf.add(tf.matMul(a, b), bias);
    const separate = {
      ...{ linear: x, relu: tf.relu(x), relu6: tf.relu6(x), elu: tf.elu(x), sigmoid: tf.sigmoid(x) },
      ...{ leakyrelu: tf.leakyRelu(x, alpha), prelu: tf.prelu(x, slopes) },
    };
    for (const activation of names) {
      const weights = { preluActivationWeights: slopes, leakyreluAlpha: alpha };
      const out = tf.fused.matMul({ a, b, bias, activation, ...weights });
      const expected = separate[activation].dataSync();
      expect(maxError(out.dataSync(), expected), activation).toBeLessThan(1e-6);
    }
  });
});

describe('int32', () => {
  const integers = (shape: number[], seed: string) => {
    const rng = random(seed);
    return tf.tensor(
      Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.integer(-99, 99)),
      shape,
      'int32',
    );
  };

  it.each(forms)('is exact, transposed %s, %s', (transposeA, transposeB) => {
    const [a, b] = [integers([2, 5, 6], 'a'), integers([2, 6, 7], 'b')];
    const out = tf.matMul(transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b, transposeA, transposeB);
    expect(out.dtype).toBe('int32');
    const [left, right] = [matrices(a, [2]), matrices(b, [2])];
    expect([...out.dataSync()]).toEqual(left.flatMap((matrix, at) => [...matMulOracle(matrix, right[at])]));
  });

  it('wraps', () => {
    const a = tf.tensor2d([[2 ** 30, 2 ** 30]], [1, 2], 'int32');
    expect(tf.matMul(a, tf.ones([2, 1], 'int32')).dataSync()).toEqual(Int32Array.of(-(2 ** 31)));
  });

  it('with a bias', () => {
    const [a, b] = [tf.tensor2d([[1, 2]], [1, 2], 'int32'), tf.tensor2d([[3], [4]], [2, 1], 'int32')];
    const out = tf.fused.matMul({ a, b, bias: tf.tensor1d([-20], 'int32') });
    expect(out.dtype).toBe('int32');
    expect(out.dataSync()).toEqual(Int32Array.of(-9));
  });

  it('with an activation', () => {
    const [a, b] = [tf.tensor2d([[1, -2]], [1, 2], 'int32'), tf.tensor2d([[3], [4]], [2, 1], 'int32')];
    expect(tf.fused.matMul({ a, b, activation: 'relu' }).dataSync()).toEqual(Int32Array.of(0));
  });

  it('with float32 is float32', () => {
    const out = tf.matMul(tf.tensor2d([[1, 2]], [1, 2], 'int32'), tf.tensor2d([[0.5], [0.25]]));
    expect(out.dtype).toBe('float32');
    expect(out.dataSync()).toEqual(Float32Array.of(1));
  });
});

describe('gradients', () => {
  it.each(forms)('of matMul, transposed %s, %s', (transposeA, transposeB) => {
    // Sizes whose products are thin, whole and ragged in turn.
    for (const [rows, depth, columns] of [
      [5, 6, 7],
      [1, 16, 9],
      [33, 3, 8],
      [8, 257, 4],
    ]) {
      const [a, b] = [normal([2, rows, depth], 'a'), normal([2, depth, columns], 'b')];
      const dy = normal([2, rows, columns], 'dy');
      const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(a, b, transposeA, transposeB);
      const [dA, dB] = tf.grads(product)([transposeA ? swapLast(a) : a, transposeB ? swapLast(b) : b], dy);
      expectProducts(transposeA ? swapLast(dA) : dA, dy, swapLast(b));
      expectProducts(transposeB ? swapLast(dB) : dB, swapLast(a), dy);
    }
  });

  it.each(['linear', 'relu', 'relu6', 'elu', 'sigmoid'] as const)('of fused matMul, %s', (activation) => {
    const [a, b, bias] = [normal([5, 6], 'a'), normal([6, 7], 'b'), normal([7], 'bias')];
    const dy = normal([5, 7], 'dy');
    const fused = (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) => tf.fused.matMul({ a, b, bias, activation });
    const separate = (a: tf.Tensor, b: tf.Tensor, bias: tf.Tensor) => {
      const x = tf.add(tf.matMul(a, b), bias);
      return activation === 'linear' ? x : tf[activation](x);
    };
    const [actual, expected] = [fused, separate].map((f) => tf.grads(f)([a, b, bias], dy));
    for (const [at, gradient] of actual.entries()) {
      expect(maxError(gradient.dataSync(), expected[at].dataSync())).toBeLessThan(1e-5);
    }
  });
});

it('NaN and Infinity reach what they belong to, and nothing else', () => {
  for (const [rows, depth, columns] of [
    [9, 5, 11],
    [3, 8, 9],
    [6, 300, 8],
  ]) {
    for (const value of [NaN, Infinity]) {
      const a = tf.buffer([rows, depth]);
      a.set(value, rows - 1, depth - 1);
      const out = tf.matMul(a.toTensor(), tf.ones([depth, columns])).dataSync();
      expect([...out.subarray(0, (rows - 1) * columns)]).toEqual(new Array((rows - 1) * columns).fill(0));
      expect([...out.subarray((rows - 1) * columns)]).toEqual(new Array(columns).fill(value));
    }
  }
});

describe('a wrong argument', () => {
  it.each<[string, () => unknown]>([
    ['inner shapes (3) and (2) of Tensors with shapes 2,3 and 2,3', () => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))],
    ['transposeA=true and transposeB=false must match', () => tf.matMul(tf.ones([2, 3]), tf.ones([3, 2]), true)],
    ['could not be broadcast together', () => tf.matMul(tf.ones([2, 2, 2]), tf.ones([3, 2, 2]))],
    [
      "fused matMul: activation was 'foo'; it must be one of linear, relu, relu6, prelu, leakyrelu, sigmoid, elu",
      () => tf.fused.matMul({ a: tf.ones([2, 2]), b: tf.ones([2, 2]), activation: 'foo' as 'relu' }),
    ],
    [
      "fused matMul: preluActivationWeights was undefined; activation 'prelu' needs them",
      () => tf.fused.matMul({ a: tf.ones([2, 2]), b: tf.ones([2, 2]), activation: 'prelu' }),
    ],
  ])('%s', (message, use) => expectCleanError(use, message));
});
