import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ClassToken,
  ImagePatches,
  init,
  MultiHeadAttention,
  SinePositionEncoding,
  TokenEmbedding,
} from '../../src/index.js';
import { FirstPosition } from '../../src/layers/firstPosition.js';
import { expectNoLeaks, valueAndGradients } from '../support/differentiable.js';
import { expectCleanError } from '../support/expectCleanError.js';
import { normal } from '../support/normal.js';
import { maxError } from '../support/attention.js';

beforeAll(() => init());

const apply = (layer: layers.Layer, x: tf.Tensor) => layer.apply(x) as tf.Tensor;

/** The layer that JSON keeps, as it comes back. */
function copyOf<T extends layers.Layer>(layer: T): T {
  const config = JSON.parse(JSON.stringify(layer.getConfig())) as tf.serialization.ConfigDict;
  const constructor = layer.constructor as tf.serialization.SerializableConstructor<T> & typeof layers.Layer;
  const copy = constructor.fromConfig<T>(constructor, config);
  expect(copy.getConfig()).toEqual(layer.getConfig());
  return copy;
}

describe('TokenEmbedding', () => {
  const make = (args = {}) => new TokenEmbedding({ inputDim: 5, outputDim: 3, seed: 1, ...args });

  it('is the rows of its table, for float32 and int32, with gradients for the table', () => {
    const layer = make();
    const ids = [4, 0, 1, 1, 2, 4];
    const y = apply(layer, tf.tensor2d(ids, [2, 3]));
    const table = layer.weights[0].read().arraySync() as number[][];
    expect(y.shape).toEqual([2, 3, 3]);
    expect(layer.computeOutputShape([null, 7])).toEqual([null, 7, 3]);
    expect([...y.dataSync()]).toEqual(ids.flatMap((id) => table[id]));
    expect(apply(layer, tf.tensor2d(ids, [2, 3], 'int32')).dataSync()).toEqual(y.dataSync());
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(apply(layer, tf.tensor2d(ids, [2, 3]))));
    expect(Object.values(grads)[0].arraySync()).toEqual([1, 2, 1, 0, 2].map((count) => [count, count, count]));
  });

  it('comes back from its configuration with the same initial values', () => {
    const layer = make({ maskZero: true, embeddingsInitializer: 'glorotNormal' });
    const copy = copyOf(layer);
    const ids = tf.tensor2d([1, 2], [1, 2]);
    expect(apply(copy, ids).dataSync()).toEqual(apply(layer, ids).dataSync());
    expect(layer.getConfig()).toMatchObject({ inputDim: 5, outputDim: 3, maskZero: true, seed: 1 });
  });

  it('hides token 0 from the layers after it, if asked', () => {
    const tokens = input({ shape: [4] });
    const attention = new MultiHeadAttention({ numHeads: 1, keyDim: 3, seed: 2 });
    const masked = model({ inputs: tokens, outputs: attention.apply(make({ maskZero: true }).apply(tokens)) as never });
    const predict = (ids: number[]) => (masked.predict(tf.tensor2d(ids, [1, 4])) as tf.Tensor).dataSync();
    const lengths = tf.tensor2d([2], [1, 1]);
    const embedded = apply(masked.layers[1], tf.tensor2d([3, 1, 0, 0], [1, 4]));
    const expected = attention.apply([embedded, lengths]) as tf.Tensor;
    expect(maxError(predict([3, 1, 0, 0]), expected.dataSync())).toBeLessThan(1e-6);
    expect(make().computeMask(tf.zeros([1, 4]))).toBeNull();
  });

  it.each<[string, number[]]>([
    ['token [0, 1] was 1.5; it must be an integer from 0 to 4', [0, 1.5]],
    ['token [0, 0] was NaN; it must be an integer', [NaN, 1]],
    ['token [0, 0] was -1; it must be an integer from 0', [-1, 1]],
    ['token [0, 1] was 5; it must be an integer from 0 to 4', [0, 5]],
  ])('names a wrong token: %s', (message, ids) => {
    const layer = make();
    tf.tidy(() => apply(layer, tf.zeros([1, 2])));
    expectCleanError(() => apply(layer, tf.tensor2d(ids, [1, 2])), message);
  });

  it('names a bad argument', () => {
    expect(() => make({ inputDim: 0 })).toThrow('TokenEmbedding: inputDim was 0');
    expect(() => make({ outputDim: 1.5 })).toThrow('TokenEmbedding: outputDim was 1.5');
  });
});

describe('SinePositionEncoding', () => {
  it('adds the waves of its formula, to any length', () => {
    const layer = new SinePositionEncoding({ scale: 2, maxWavelength: 100 });
    for (const [length, width] of [
      [5, 6],
      [3, 6],
      [4, 5],
    ]) {
      const x = normal([2, length, width]);
      const expected = [...x.dataSync()].map((value, at) => {
        const [n, c] = [Math.floor(at / width) % length, at % width];
        const angle = n / 100 ** ((2 * Math.floor(c / 2)) / width);
        return 2 * value + (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
      });
      expect(maxError(apply(layer, x).dataSync(), expected)).toBeLessThan(1e-6);
    }
    expect(layer.weights).toEqual([]);
    copyOf(layer);
  });

  it('names a bad argument', () => {
    expect(() => new SinePositionEncoding({ maxWavelength: 0 })).toThrow('maxWavelength was 0; it must be above 0');
    expect(() => new SinePositionEncoding({ scale: Infinity })).toThrow('scale was Infinity; it must be finite');
  });
});

describe('ImagePatches', () => {
  it('cuts images into patches, row by row', () => {
    const [height, width, channels, size] = [4, 6, 2, 2];
    const x = normal([3, height, width, channels]);
    const values = x.dataSync();
    const y = apply(new ImagePatches({ patchSize: size }), x);
    const expected: number[] = [];
    for (let b = 0; b < 3; b++) {
      for (let top = 0; top < height; top += size) {
        for (let left = 0; left < width; left += size) {
          for (let row = top; row < top + size; row++) {
            const from = ((b * height + row) * width + left) * channels;
            expected.push(...values.subarray(from, from + size * channels));
          }
        }
      }
    }
    expect(y.shape).toEqual([3, 6, 8]);
    expect([...y.dataSync()]).toEqual(expected);
    expect(copyOf(new ImagePatches({ patchSize: size })).computeOutputShape([null, 4, 6, 2])).toEqual([null, 6, 8]);
  });

  it('names a bad argument', () => {
    expect(() => new ImagePatches({ patchSize: 0 })).toThrow('ImagePatches: patchSize was 0');
    const patches = () => new ImagePatches({ patchSize: 3 }).apply(input({ shape: [6, 8, 1] }));
    expect(patches).toThrow('ImagePatches: patchSize was 3; it must divide height and width, 6 and 8');
  });
});

describe('ClassToken and FirstPosition', () => {
  it('put a vector in front, and take it away', () => {
    const layer = new ClassToken({ initializer: 'ones' });
    const x = normal([2, 3, 4]);
    const y = apply(layer, x);
    expect(y.shape).toEqual([2, 4, 4]);
    expect(apply(new FirstPosition(), y).arraySync()).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
    expect(tf.slice(y, [0, 1, 0]).arraySync()).toEqual(x.arraySync());
    expect(copyOf(layer).computeOutputShape([null, 3, 4])).toEqual([null, 4, 4]);
    expect(new FirstPosition().computeOutputShape([null, 3, 4])).toEqual([null, 4]);
  });

  it('give the token the gradients of all samples', () => {
    const layer = new ClassToken();
    const x = normal([2, 3, 4]);
    apply(layer, x);
    const dY = normal([2, 4, 4], 1);
    const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.mul(apply(layer, x), dY)));
    const [first, second] = dY.arraySync();
    const expected = first[0].map((value, c) => value + second[0][c]);
    expect(maxError(Object.values(grads)[0].dataSync(), expected)).toBeLessThan(1e-6);
    const [, dX] = valueAndGradients((x) => apply(layer, x), [x], dY);
    expect(dX.arraySync()).toEqual(tf.slice(dY, [0, 1, 0]).arraySync());
  });

  it('needs fixed channels', () => {
    expect(() => new ClassToken().build([null, 3, null])).toThrow('ClassToken: x was [null, 3, null]');
  });
});

it('leave no tensors behind', () => {
  const [ids, images, series] = [tf.tensor2d([1, 2, 0, 4], [2, 2]), normal([2, 4, 4, 3]), normal([2, 3, 4])];
  const token = new TokenEmbedding({ inputDim: 5, outputDim: 3, maskZero: true });
  const [patches, front, first] = [new ImagePatches({ patchSize: 2 }), new ClassToken(), new FirstPosition()];
  const sine = new SinePositionEncoding();
  tf.tidy(() => [apply(token, ids), apply(front, series)]);
  expectNoLeaks(() => {
    const { value, grads } = tf.variableGrads(() => tf.sum(apply(token, ids)));
    return [value, ...Object.values(grads), token.computeMask(ids) as tf.Tensor, apply(patches, images)];
  });
  expectNoLeaks(() => valueAndGradients((x) => apply(first, apply(front, apply(sine, x))), [series]));
});
