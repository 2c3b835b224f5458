// Calls of the layers: made, applied to tensors, and differentiated.

import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import * as pa from '../../../src/index.js';
import type { Random } from '../../support/random.js';
import type { Generator } from '../runCall.js';
import { integers, lengthsOf, normals, sizeOf, someOf } from './tensors.js';

interface Sizes {
  B: number;
  N: number;
  C: number;
}

interface LayerCall {
  args: Record<string, unknown>;
  inputs: tf.Tensor | tf.Tensor[];
  /** Of the call. */
  options?: Record<string, unknown>;
}

/** What nobody has the memory for: weights are made in JavaScript, by tfjs. */
const MOST = 1e4;

/**
 * Whether some number in arguments is so large that it would only tell how much memory there is.
 *
 * @param depth of objects in objects that is looked into: some arguments hold themselves
 */
export function isHuge(value: unknown, most = MOST, depth = 8): boolean {
  if (typeof value === 'number') return Math.abs(value) > most && Number.isFinite(value);
  if (typeof value !== 'object' || value === null || value instanceof tf.Tensor || depth === 0) return false;
  const isHugeInside = (one: unknown) => isHuge(one, most, depth - 1);
  if (Array.isArray(value)) return value.length < 100 && value.some(isHugeInside);
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).some(isHugeInside);
}

/** Value and gradients, in the input and in the weights. */
function use(layer: layers.Layer, inputs: tf.Tensor | tf.Tensor[], options: object): unknown[] {
  const call = () => {
    const result = layer.apply(inputs, options) as tf.Tensor | tf.Tensor[];
    return Array.isArray(result) ? result : [result];
  };
  const results = call();
  const loss = () =>
    call()
      .filter(({ dtype }) => dtype === 'float32')
      .map((y) => tf.sum(tf.square(y)))
      .reduce((sum, one) => tf.add(sum, one), tf.scalar(0)) as tf.Scalar;
  if (layer.trainableWeights.length === 0) return results;
  const { value, grads } = tf.variableGrads(loss);
  return [...results, value, Object.values(grads)];
}

type LayerClass = new (args: never) => layers.Layer;

function layerCall(Class: LayerClass, make: (rng: Random, sizes: Sizes) => LayerCall): Generator {
  return (rng) => {
    const sizes = { B: rng.integer(1, 3), N: sizeOf(rng), C: 2 * rng.integer(1, 6) };
    const { args, inputs, options = {} } = make(rng, sizes);
    const training = rng.chance(0.5);
    return {
      // Masks and forms of attention do not all go together.
      legal: Object.keys({ ...options, ...(args.attention as object) }).length === 0,
      args: [args, inputs, { ...options, training }],
      run: (all: object, x: tf.Tensor, callOptions: object) =>
        isHuge(all) ? undefined : use(new Class(all as never), x, callOptions),
    };
  };
}

const attentionOptions = (rng: Random) =>
  someOf(
    rng,
    {
      kernel: () => 'linear',
      batchNorm: () => true,
      window: () => [2, 2],
      causal: () => true,
      softcap: () => 4,
      alibiSlopes: () => true,
      scale: () => 0.5,
    },
    0.1,
  );

const lengths = (rng: Random, { B, N }: Sizes) =>
  tf.tensor2d(
    lengthsOf(rng, B, N).map((length) => Math.max(1, length)),
    [B, 1],
  );

/** A sequence, alone or with lengths. */
const sequence = (rng: Random, sizes: Sizes) => {
  const x = normals(rng, sizes.B, sizes.N, sizes.C);
  return rng.chance(0.5) ? x : [x, lengths(rng, sizes)];
};

const plain = (rng: Random, { B, N, C }: Sizes) => normals(rng, B, N, C);

const epsilon = (rng: Random) => someOf(rng, { epsilon: () => 1e-3 }, 0.5);

/** By the names of the exports. */
export const exportedLayers: Record<string, Generator> = {
  MultiHeadAttention: layerCall(pa.MultiHeadAttention, (rng, { B, N, C }) => {
    const M = sizeOf(rng);
    const others = rng.pick([[], [normals(rng, B, M, C)], [normals(rng, B, M, 4), normals(rng, B, M, C)]]);
    const keys = others.length > 0 ? M : N;
    const masks = {
      attentionMask: () => tf.cast(integers(rng, 1, B, N, keys), 'bool'),
      useCausalMask: () => true,
      valueMask: () => tf.cast(integers(rng, 1, B, keys), 'bool'),
      queryMask: () => tf.cast(integers(rng, 1, B, N), 'bool'),
    };
    const attention = attentionOptions(rng);
    return {
      args: {
        ...{ numHeads: rng.integer(1, 3), keyDim: rng.integer(1, 6), attention, seed: 1 },
        ...someOf(rng, { valueDim: () => 3, useBias: () => false, outputShape: () => 5 }),
      },
      inputs: [normals(rng, B, N, C), ...others, ...(rng.chance(0.3) ? [lengths(rng, { B, N: keys, C })] : [])],
      options: someOf(rng, masks),
    };
  }),
  TransformerEncoderLayer: layerCall(pa.TransformerEncoderLayer, (rng, sizes) => {
    const attention = attentionOptions(rng);
    return {
      args: {
        ...{ numHeads: 2, intermediateDim: rng.integer(1, 9), seed: 1, attention },
        ...someOf(rng, {
          dropout: () => 0.3,
          normalization: () => rng.pick(['layer', 'batch', 'rms']),
          normFirst: () => true,
          unpooled: () => 1,
        }),
      },
      inputs: sequence(rng, sizes),
    };
  }),
  FusedDense: layerCall(pa.FusedDense, (rng, sizes) => ({
    args: {
      units: sizeOf(rng),
      ...someOf(rng, { activation: () => rng.pick(['relu', 'gelu', 'geluTanh']), useBias: () => false }),
    },
    inputs: plain(rng, sizes),
  })),
  PositionEmbedding: layerCall(pa.PositionEmbedding, (rng, sizes) => ({
    args: { seed: 1, ...someOf(rng, { scale: () => 2 }) },
    inputs: plain(rng, sizes),
  })),
  SinePositionEncoding: layerCall(pa.SinePositionEncoding, (rng, sizes) => ({
    args: someOf(rng, { scale: () => 2, maxWavelength: () => 100 }),
    inputs: plain(rng, sizes),
  })),
  TokenEmbedding: layerCall(pa.TokenEmbedding, (rng, { B, N }) => ({
    args: { inputDim: 9, outputDim: sizeOf(rng), seed: 1, ...someOf(rng, { maskZero: () => true }) },
    inputs: integers(rng, 8, B, N),
  })),
  ImagePatches: layerCall(pa.ImagePatches, (rng, { B, C }) => ({
    args: { patchSize: 2 },
    inputs: normals(rng, B, 2 * rng.integer(1, 4), 2 * rng.integer(1, 4), C),
  })),
  ClassToken: layerCall(pa.ClassToken, (rng, sizes) => ({ args: {}, inputs: plain(rng, sizes) })),
  SequenceBatchNormalization: layerCall(pa.SequenceBatchNormalization, (rng, sizes) => ({
    args: { ...epsilon(rng), ...someOf(rng, { momentum: () => 0.5 }) },
    inputs: sequence(rng, sizes),
  })),
  SequenceLayerNormalization: layerCall(pa.SequenceLayerNormalization, (rng, sizes) => ({
    args: epsilon(rng),
    inputs: plain(rng, sizes),
  })),
  SequenceRmsNormalization: layerCall(pa.SequenceRmsNormalization, (rng, sizes) => ({
    args: epsilon(rng),
    inputs: plain(rng, sizes),
  })),
  SeededDropout: layerCall(pa.SeededDropout, (rng, sizes) => ({
    args: { rate: rng.pick([0, 0.5]), seed: 1 },
    inputs: plain(rng, sizes),
  })),
  GeluActivation: layerCall(pa.GeluActivation, (rng, sizes) => ({ args: {}, inputs: plain(rng, sizes) })),
  MaskPadding: layerCall(pa.MaskPadding, (rng, sizes) => ({
    args: {},
    inputs: [plain(rng, sizes), lengths(rng, sizes)],
  })),
  AveragePositions: layerCall(pa.AveragePositions, (rng, sizes) => ({ args: {}, inputs: sequence(rng, sizes) })),
  InstanceNormalization: layerCall(pa.InstanceNormalization, (rng, sizes) => ({
    args: epsilon(rng),
    inputs: plain(rng, sizes),
  })),
  InstanceRestoration: layerCall(pa.InstanceRestoration, (rng, sizes) => ({
    args: epsilon(rng),
    inputs: [plain(rng, { ...sizes, N: 3 }), plain(rng, sizes)],
  })),
  SeriesPatches: layerCall(pa.SeriesPatches, (rng, sizes) => ({
    args: { patchLength: 1, stride: rng.integer(1, 3), channelIndependent: rng.chance(0.5) },
    inputs: plain(rng, sizes),
  })),
  JoinChannels: layerCall(pa.JoinChannels, (rng, { B, N }) => ({
    args: { channels: 2 },
    inputs: normals(rng, 2 * B, N),
  })),
  FirstPosition: layerCall(pa.FirstPosition, (rng, sizes) => ({ args: {}, inputs: plain(rng, sizes) })),
};
