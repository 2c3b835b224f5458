import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { AveragePositions } from '../../src/layers/averagePositions.js';
import { dropout } from '../../src/ops/dropout.js';
import { getInitializer, serializeInitializer } from '../../src/layers/initializers.js';
import { FusedDense, type FusedDenseArgs } from '../../src/layers/fusedDense.js';
import { MaskPadding } from '../../src/layers/maskPadding.js';
import { PositionEmbedding } from '../../src/layers/positionEmbedding.js';
import { mixSeed, uniform } from '../../src/random.js';
import { SeededDropout } from '../../src/layers/seededDropout.js';
import { init } from '../../src/ops/init.js';
import { maxError } from '../support/attention.js';
import { normal } from '../support/normal.js';

beforeAll(() => init());

const apply = (layer: layers.Layer, inputs: tf.Tensor | tf.Tensor[], options = {}) =>
  layer.apply(inputs, options) as tf.Tensor;

describe('random', () => {
  it('spreads neighbouring seeds and parts', () => {
    const seeds = Array.from({ length: 1000 }, (_, i) => mixSeed(i % 10, Math.floor(i / 10) % 10, Math.floor(i / 100)));
    expect(new Set(seeds).size).toBe(1000);
    expect(mixSeed(5, 1)).toBe(mixSeed(5, 1));
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
  });

  it('is uniform in [0, 1)', () => {
    const next = uniform(3);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[Math.floor(10 * next())]++;
    // Ten thousand expected in each tenth, with a standard deviation of 95.
    counts.forEach((count) => expect(Math.abs(count - 10_000)).toBeLessThan(400));
  });
});

describe('dropout', () => {
  it.each([0.1, 0.5, 0.9])(
    'drops a part of %s, scales the rest, and passes gradients through the same mask',
    (rate) => {
      const x = tf.ones([40, 500]);
      const { grad } = tf.valueAndGrad((x: tf.Tensor) => tf.sum(dropout(x, rate, 4)))(x);
      const mask = dropout(x, rate, 4).dataSync();
      const dropped = mask.filter((factor) => factor === 0).length / mask.length;
      expect(Math.abs(dropped - rate)).toBeLessThan(0.011); // three standard deviations
      expect(mask.every((factor) => factor === 0 || factor === Math.fround(1 / (1 - rate)))).toBe(true);
      expect(maxError(grad.dataSync(), mask)).toBe(0);
      expect(maxError(dropout(x, rate, 5).dataSync(), mask)).toBeGreaterThan(0);
    },
  );

  it('drops each position equally often', () => {
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      dropout(tf.ones([20]), 0.3, seed)
        .dataSync()
        .forEach((factor, i) => (counts[i] += factor === 0 ? 1 : 0));
    }
    // 600 expected, with a standard deviation of 20.
    counts.forEach((count) => expect(Math.abs(count - 600)).toBeLessThan(90));
  });

  it('is a layer with new masks at each step, and none outside training', () => {
    const layer = new SeededDropout({ rate: 0.5, seed: 1 });
    const x = tf.ones([8, 8]);
    const step = (training: boolean) => [...apply(layer, x, { training }).dataSync()];
    const [first, second] = [step(true), step(true)];
    expect(first).not.toEqual(second);
    layer.reseed(1);
    expect([step(true), step(true)]).toEqual([first, second]);
    expect(step(false)).toEqual([...x.dataSync()]);
    expect(() => new SeededDropout({ rate: 1 })).toThrow('SeededDropout: rate was 1; it must be 0 or more and below 1');
  });
});

describe('FusedDense', () => {
  it("is tfjs's dense, with the same weights", () => {
    const kernelInitializer = initializers.glorotUniform({ seed: 4 });
    const args = { units: 5, kernelInitializer, biasInitializer: 'ones', activation: 'relu' } as const;
    const [ours, theirs] = [new FusedDense(args), layers.dense(args)];
    const x = normal([2, 3, 4], 1);
    const [y, expected] = [ours, theirs].map((layer) => apply(layer, x));
    expect(maxError(y.dataSync(), expected.dataSync())).toBeLessThan(1e-6);
    expect(y.shape).toEqual([2, 3, 5]);
    expect(ours.computeOutputShape([null, 3, 4])).toEqual([null, 3, 5]);
    expect(ours.weights.map(({ shape }) => shape)).toEqual([[4, 5], [5]]);
    expect(new FusedDense({ units: 2, useBias: false }).apply(tf.ones([1, 3]))).toMatchObject({ shape: [1, 2] });
  });

  it('comes back from its configuration', () => {
    const layer = new FusedDense({ units: 3, activation: 'geluTanh', useBias: false, kernelInitializer: 'ones' });
    const copy = new FusedDense(layer.getConfig() as unknown as FusedDenseArgs);
    expect(copy.getConfig()).toEqual(layer.getConfig());
    const x = normal([2, 4], 1);
    expect(apply(copy, x).dataSync()).toEqual(apply(layer, x).dataSync());
  });

  it('names a bad argument', () => {
    expect(() => new FusedDense({ units: 0 })).toThrow('FusedDense: units was 0');
    expect(() => new FusedDense({ units: 1, activation: 'tanh' as 'relu' })).toThrow(
      "FusedDense: activation was 'tanh'",
    );
    expect(() => new FusedDense({ units: 1 }).build([null, null])).toThrow(
      'FusedDense: x was [null, null]; its last size must be fixed',
    );
  });
});

describe('layers over positions', () => {
  const x = () => tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 3, 2]);
  const lengths = () => tf.tensor2d([2, 0], [2, 1]);

  it('MaskPadding zeroes padding', () => {
    expect([...apply(new MaskPadding(), [x(), lengths()]).dataSync()]).toEqual([1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('AveragePositions takes the mean of valid positions', () => {
    expect(apply(new AveragePositions(), [x(), lengths()]).arraySync()).toEqual([
      [2, 3],
      [0, 0],
    ]);
  });

  it('PositionEmbedding adds the same learned vector to each sample', () => {
    const layer = new PositionEmbedding({ seed: 2 });
    const y = apply(layer, tf.zeros([2, 3, 2])).arraySync() as number[][][];
    expect(y[0]).toEqual(y[1]);
    expect(y[0]).toEqual(layer.weights[0].read().arraySync());
    expect(y[0].flat().every((value) => Math.abs(value) <= 0.02 && value !== 0)).toBe(true);
    const scaled = new PositionEmbedding({ seed: 2, scale: 3 });
    expect(
      maxError(apply(scaled, tf.ones([2, 3, 2])).dataSync(), tf.add(apply(layer, tf.zeros([2, 3, 2])), 3).dataSync()),
    ).toBeLessThan(1e-6);
    expect(scaled.getConfig()).toMatchObject({ scale: 3, seed: 2 });
    expect(() => new PositionEmbedding().build([null, null, 2])).toThrow(
      'PositionEmbedding: x was [null, null, 2]; its length',
    );
    expect(() => new PositionEmbedding({ scale: NaN })).toThrow('PositionEmbedding: scale was NaN; it must be finite');
  });
});

describe('initializers', () => {
  it('are known by name, as objects, and in serialised form; a seed makes them reproducible', () => {
    const values = (identifier: Parameters<typeof getInitializer>[0], seed?: number) => [
      ...getInitializer(identifier, seed).apply([3, 4]).dataSync(),
    ];
    const uniform = initializers.randomUniform({ minval: 1, maxval: 2 });
    expect(values('ones')).toEqual(Array(12).fill(1));
    expect(values('glorotUniform', 1)).toEqual(values('glorotUniform', 1));
    expect(values('glorotUniform', 1)).not.toEqual(values('glorotUniform', 2));
    expect(values(uniform, 3)).toEqual(values(serializeInitializer(uniform), 3));
    expect(values(uniform, 3).every((value) => value >= 1 && value < 2)).toBe(true);
    // Its own seed goes first.
    const seeded = initializers.randomUniform({ minval: 1, maxval: 2, seed: 8 });
    expect(values(seeded, 3)).toEqual(values(seeded, 4));
    expect(() => getInitializer({ className: 'None', config: {} })).toThrow("className was 'None'");
  });
});
