// The `svr` cases of the golden file, solved by scikit-learn (test/golden/README.md).

import { rowsOf } from '../oracles/matrix.js';
import type { Regression } from '../oracles/regressionOracle.js';
import { decode, type Encoded, goldenPart } from '../support/golden.js';

export interface GoldenRegression extends Regression {
  name: string;
  keys: number[][];
  targets: number[][];
  queries: number[][];
  /** alpha - alpha~ and bias of the reference, and its predictions for the queries. */
  dual: number[][];
  bias: number[];
  predictions: number[][];
}

function rowsIn(encoded: Encoded): number[][] {
  return rowsOf(decode(encoded).values, encoded.shape.at(-1)!);
}

/** All cases, in the file's order. */
export function goldenRegressions(): GoldenRegression[] {
  return goldenPart('svr').map((fields) => {
    const decoded = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'object' ? rowsIn(value as Encoded) : value,
    ]);
    const { bias, ...rest } = Object.fromEntries(decoded) as GoldenRegression & { bias: number[][] };
    return { ...rest, bias: bias.flat() };
  });
}
