// What the analysis finds in a model's attention, in plain float64 on nested arrays.

import type { LayersModel } from '@tensorflow/tfjs-layers';
import { addRow, type Matrix, matMul } from '../layers/oracle.js';

/** A layer's weights by the part of their name behind the layer's. */
export function weightsOf(model: LayersModel): Record<string, Matrix & number[]> {
  return Object.fromEntries(
    model.weights.map((weight) => [
      weight.originalName.split('/').slice(1).join('/'),
      weight.read().arraySync() as Matrix & number[],
    ]),
  );
}

/** Columns of a projection x W + b. */
export function project(x: Matrix, kernel: Matrix, bias: number[], from: number, width: number): Matrix {
  return addRow(matMul(x, kernel), bias).map((row) => row.slice(from, from + width));
}

/** Means over windows of rows, the last of which may be shorter. */
export function averageRows(x: Matrix, window: number): Matrix {
  return Array.from({ length: Math.ceil(x.length / window) }, (_, j) => {
    const rows = x.slice(j * window, (j + 1) * window);
    return rows[0].map((_, column) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length);
  });
}

/** softmax(q k^T / sqrt(D)) by rows. */
export function softmaxWeights(q: Matrix, k: Matrix): Matrix {
  return q.map((query) => {
    const scores = k.map((key) => query.reduce((sum, x, d) => sum + x * key[d], 0) / Math.sqrt(query.length));
    const powers = scores.map((score) => Math.exp(score - Math.max(...scores)));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power) => power / total);
  });
}
