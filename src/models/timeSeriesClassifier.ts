import { initializers, input, layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { AveragePositions } from '../layers/averagePositions.js';
import { FusedDense } from '../layers/fusedDense.js';
import { GeluActivation } from '../layers/geluActivation.js';
import { getInitializer } from '../layers/initializers.js';
import { MaskPadding } from '../layers/maskPadding.js';
import type { LayerAttentionOptions } from '../layers/multiHeadAttention.js';
import { PositionEmbedding } from '../layers/positionEmbedding.js';
import { mixSeed } from '../random.js';
import { SeededDropout } from '../layers/seededDropout.js';
import { TransformerEncoderLayer } from '../layers/transformerEncoderLayer.js';
import { checkChoice, checkInteger } from '../ops/checks.js';

export interface TimeSeriesClassifierConfig {
  /** Values at each position. */
  channels: number;
  /** Positions that a series is padded to. */
  length: number;
  /** Number of classes, at least 2. */
  classes: number;
  /** Width of the encoder; the heads divide it. Default 128. */
  width?: number;
  /** Width inside the feed-forward part. Default 256. */
  feedForward?: number;
  /** Attention heads. Default 8. */
  heads?: number;
  /** Encoder layers. Default 2. */
  layers?: number;
  /** Default 0.1. */
  dropout?: number;
  /** Default 'batch'. */
  normalization?: 'batch' | 'layer';
  /** What the class is read from: all positions side by side ('flatten', default), or their mean. */
  head?: 'flatten' | 'mean';
  /** Options of `attention`, the same in each layer. */
  attention?: LayerAttentionOptions;
  /** Makes the initial weights reproducible. */
  seed?: number;
}

/** The public protocol at a width that trains in a minute; see timeSeriesClassifier. */
export const timeSeriesClassifierDefaults = {
  width: 128,
  feedForward: 256,
  heads: 8,
  layers: 2,
  dropout: 0.1,
  normalization: 'batch',
  head: 'flatten',
} as const;

/** Uniform in +-1/sqrt(fan-in), PyTorch's default for linear maps, which the protocol has. */
const kernelInitializer = initializers.varianceScaling({ scale: 1 / 3, mode: 'fanIn', distribution: 'uniform' });

/**
 * A transformer encoder that classifies padded time series:
 *
 *     linear(channels -> width) * sqrt(width) + learned positions -> dropout -> encoder layers (post-norm, GELU)
 *     -> GELU -> dropout -> padding to 0 -> flatten, or mean of the valid positions -> linear(-> classes) -> softmax
 *
 * Inputs: `series` [B, length, channels], and `lengths` [B, 1], the number of valid positions of each series; what
 * stands behind them has no effect. Output: probabilities [B, classes], so losses and metrics are those that Keras
 * users expect: `model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })` for class
 * indices [B, 1] (float32), `'categoricalCrossentropy'` for one-hot labels.
 *
 * @throws Error that names the argument, if one is not valid
 * @see Zerveas et al., A Transformer-based Framework for Multivariate Time Series, arXiv 2010.02803
 */
export function timeSeriesClassifier(config: TimeSeriesClassifierConfig): LayersModel {
  const owner = 'timeSeriesClassifier';
  const defaults = timeSeriesClassifierDefaults;
  const { channels, length, classes, attention, seed } = config;
  const { width = defaults.width, feedForward = defaults.feedForward, heads = defaults.heads } = config;
  const { layers: depth = defaults.layers, dropout = defaults.dropout } = config;
  const { normalization = defaults.normalization, head = defaults.head } = config;
  checkInteger(owner, 'channels', channels, 1, Infinity);
  checkInteger(owner, 'length', length, 1, Infinity);
  checkInteger(owner, 'classes', classes, 2, Infinity);
  checkInteger(owner, 'width', width, 1, Infinity);
  checkInteger(owner, 'layers', depth, 1, Infinity);
  checkChoice(owner, 'head', head, ['flatten', 'mean']);
  let parts = 0;
  const nextSeed = () => (seed === undefined ? undefined : mixSeed(seed, parts++));
  const linear = (name: string, units: number) =>
    new FusedDense({ name, units, kernelInitializer: getInitializer(kernelInitializer, nextSeed()) });

  const series = input({ shape: [length, channels], name: 'series' });
  const lengths = input({ shape: [1], name: 'lengths' });
  const chain = (x: SymbolicTensor, ...steps: layers.Layer[]) =>
    steps.reduce((value, layer) => layer.apply(value) as SymbolicTensor, x);

  let x = chain(
    series,
    linear('embedding', width),
    new PositionEmbedding({ name: 'positions', scale: Math.sqrt(width), seed: nextSeed() }),
    new SeededDropout({ name: 'embedding_dropout', rate: dropout, seed: nextSeed() }),
  );
  for (let index = 0; index < depth; index++) {
    const encoder = new TransformerEncoderLayer({
      name: `encoder_${index}`,
      numHeads: heads,
      intermediateDim: feedForward,
      dropout,
      normalization,
      kernelInitializer,
      attention,
      seed: nextSeed(),
    });
    x = encoder.apply([x, lengths]) as SymbolicTensor;
  }
  x = chain(
    x,
    new GeluActivation({ name: 'activation' }),
    new SeededDropout({ name: 'dropout', rate: dropout, seed: nextSeed() }),
  );
  if (head === 'mean') {
    x = new AveragePositions({ name: 'average' }).apply([x, lengths]) as SymbolicTensor;
  } else {
    x = chain(
      new MaskPadding({ name: 'mask_padding' }).apply([x, lengths]) as SymbolicTensor,
      layers.flatten({ name: 'flatten' }),
    );
  }
  const probabilities = chain(x, linear('classes', classes), layers.softmax({ name: 'probabilities' }));
  return model({ inputs: [series, lengths], outputs: probabilities, name: 'time_series_classifier' });
}
