// The dense parts of a layer, such as the projections of attention.

import type { layers } from '@tensorflow/tfjs-layers';
import { namedWeights } from '../support/namedWeights.js';
import { addRow, type Matrix, matMul } from './matrix.js';

/** x kernel + bias, by the name of the part: of each kernel in the layer with its bias, if it has one. */
export function denseOracles(layer: layers.Layer): Record<string, (x: Matrix) => Matrix> {
  const named = namedWeights(layer);
  const parts = Object.keys(named).filter((name) => name.endsWith('/kernel'));
  return Object.fromEntries(
    parts.map((name) => {
      const part = name.replace(/\/kernel$/, '');
      const kernel = named[name].arraySync() as Matrix;
      const bias = named[`${part}/bias`]?.arraySync() as number[] | undefined;
      return [part, (x: Matrix) => (bias ? addRow(matMul(x, kernel), bias) : matMul(x, kernel))];
    }),
  );
}
