// A small layer of attention on series, and what it computes in plain float64.

import { input, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { type LayerAttentionOptions, MultiHeadAttention, type TimeSeriesData } from '../../src/index.js';
import { addRow, type Matrix, matMul } from './layerOracle.js';
import { random } from '../support/random.js';
import { normal } from '../support/normal.js';

export const [HEADS, WIDTH, CHANNELS, LENGTH] = [2, 3, 4, 7];

/** Random series of these lengths. */
export function seriesOf(lengths: number[]): TimeSeriesData {
  const source = random('series');
  const series = lengths.map((length) => source.normals(length * CHANNELS));
  return { series, lengths, channels: CHANNELS, labels: lengths.map((_, b) => b % 2), classNames: ['a', 'b'] };
}

/** One attention layer, with random weights and biases. */
export function attentionModel(attention: LayerAttentionOptions = {}): LayersModel {
  const layer = new MultiHeadAttention({ name: 'attention', numHeads: HEADS, keyDim: WIDTH, attention, seed: 1 });
  const [x, lengths] = [input({ shape: [LENGTH, CHANNELS] }), input({ shape: [1] })];
  const made = model({ inputs: [x, lengths], outputs: layer.apply([x, lengths]) as SymbolicTensor });
  layer.setWeights(layer.weights.map(({ shape }, seed) => normal(shape as number[], seed)));
  return made;
}

/** Means over windows of rows, the last of which may be shorter. */
function averageRows(x: Matrix, window: number): Matrix {
  return Array.from({ length: Math.ceil(x.length / window) }, (_, j) => {
    const rows = x.slice(j * window, (j + 1) * window);
    return rows[0].map((_, column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length);
  });
}

/** softmax(q k^T / sqrt(D)), row by row. */
function softmaxWeights(q: Matrix, k: Matrix): Matrix {
  return q.map((query) => {
    const powers = k.map((key) => Math.exp(query.reduce((sum, x, d) => sum + x * key[d], 0) / Math.sqrt(WIDTH)));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / total);
  });
}

/** Weights and outputs of each head on the valid positions of a case, [N, C]. */
export function headsOf(made: LayersModel, x: Matrix, headScales = [1, 1]): { weights: Matrix; outputs: Matrix }[] {
  const values = new Map(
    made.weights.map((weight) => [weight.originalName.replace('attention/', ''), weight.read().arraySync()]),
  );
  const project = (name: string, y: Matrix, column: number) =>
    addRow(matMul(y, values.get(`${name}/kernel`) as Matrix), values.get(`${name}/bias`) as number[]).map((row) =>
      row.slice(column, column + WIDTH),
    );
  const together = values.has('query_key_value/kernel');
  return headScales.map((scale, head) => {
    const [column, keys] = [head * WIDTH, averageRows(x, scale)];
    const [q, k, v] = together
      ? [0, 1, 2].map((part) => project('query_key_value', x, part * HEADS * WIDTH + column))
      : [project('query', x, column), project(`key_value_${head}`, keys, 0), project(`key_value_${head}`, keys, WIDTH)];
    const weights = softmaxWeights(q, k);
    return { weights, outputs: matMul(weights, v) };
  });
}

/** A case of the data as rows. */
export function rowsOf({ series, lengths, channels }: TimeSeriesData, index: number): Matrix {
  return Array.from({ length: lengths[index] }, (_, n) => [
    ...series[index].subarray(n * channels, (n + 1) * channels),
  ]);
}
