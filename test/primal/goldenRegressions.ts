// The `svr` cases of the golden file, solved by scikit-learn (test/golden/README.md).

import { readFileSync } from 'node:fs';
import { rowsOf } from '../oracles/matrix.js';
import type { Regression } from '../oracles/regressionOracle.js';

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

interface Encoded {
  shape: number[];
  base64: string;
}

function decode({ shape, base64 }: Encoded): number[][] {
  return rowsOf(new Float64Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer), shape.at(-1)!);
}

/** All cases, in the file's order. */
export function goldenRegressions(): GoldenRegression[] {
  const path = new URL('../golden/attention.json', import.meta.url);
  const { svr } = JSON.parse(readFileSync(path, 'utf8')) as { svr: Record<string, unknown>[] };
  return svr.map((fields) => {
    const decoded = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'object' ? decode(value as Encoded) : value,
    ]);
    const { bias, ...rest } = Object.fromEntries(decoded) as GoldenRegression & { bias: number[][] };
    return { ...rest, bias: bias.flat() };
  });
}
