// What each head of test/support/attentionModel.ts computes.

import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { TimeSeriesData } from '../../src/index.js';
import { HEADS } from '../support/attentionModel.js';
import { denseOracles } from './denseOracle.js';
import { headWeights } from './headsOracle.js';
import { columnOf, type Matrix, matMul, rowsOf, sections } from './matrix.js';

/** Means of `scale` rows each, of the last ones of fewer. */
function averageRows(x: Matrix, scale: number): Matrix {
  return Array.from({ length: Math.ceil(x.length / scale) }, (_, j) => {
    const rows = x.slice(j * scale, (j + 1) * scale);
    return rows[0].map((_, c) => columnOf(rows, c).reduce((sum, value) => sum + value) / rows.length);
  });
}

/** Weights and outputs of each head at the valid positions of a case. */
export function headsOf(
  model: LayersModel,
  { series, channels }: TimeSeriesData,
  index: number,
  headScales = [1, 1],
): { weights: Matrix; outputs: Matrix }[] {
  const x = rowsOf(series[index], channels);
  const dense = denseOracles(model.getLayer('attention'));
  return headScales.map((scale, head) => {
    const own = (y: Matrix) => sections(y, HEADS)[head];
    // Heads of one scale share a projection; otherwise each has its own, of averaged positions.
    const [q, k, v] = dense.query_key_value
      ? sections(dense.query_key_value(x), 3).map(own)
      : [own(dense.query(x)), ...sections(dense[`key_value_${head}`](averageRows(x, scale)), 2)];
    const weights = headWeights(q, k);
    return { weights, outputs: matMul(weights, v) };
  });
}
