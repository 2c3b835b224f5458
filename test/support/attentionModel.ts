// A small model of one attention layer on series, with random weights and biases.

import { input, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type LayerAttentionOptions, MultiHeadAttention, type TimeSeriesData } from '../../src/index.js';
import { normal } from './normal.js';
import { random } from './random.js';

export const [HEADS, CHANNELS] = [2, 4];
const [WIDTH, LENGTH] = [3, 7];

/** Random series of these lengths. */
export function seriesOf(lengths: number[]): TimeSeriesData {
  const source = random('series');
  const series = lengths.map((length) => source.normals(length * CHANNELS));
  return { series, lengths, channels: CHANNELS, labels: lengths.map((_, b) => b % 2), classNames: ['a', 'b'] };
}

/** The model; its layer is named 'attention'. */
export function attentionModel(attention: LayerAttentionOptions = {}): LayersModel {
  const layer = new MultiHeadAttention({ name: 'attention', numHeads: HEADS, keyDim: WIDTH, attention, seed: 1 });
  const [x, lengths] = [input({ shape: [LENGTH, CHANNELS] }), input({ shape: [1] })];
  const made = model({ inputs: [x, lengths], outputs: layer.apply([x, lengths]) as SymbolicTensor });
  layer.setWeights(layer.weights.map(({ shape }, seed) => normal(shape as number[], seed)));
  return made;
}
