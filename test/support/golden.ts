// The golden cases: float64 results and gradients from PyTorch (test/golden/README.md).

import { readFileSync } from 'node:fs';

interface Encoded {
  dtype: 'float64' | 'int32' | 'bool';
  shape: number[];
  base64: string;
}

export interface GoldenArray {
  dtype: Encoded['dtype'];
  shape: number[];
  values: Float64Array | Int32Array | Uint8Array;
}

export interface GoldenCase {
  name: string;
  options: Record<string, unknown>;
  arrays: Record<'q' | 'k' | 'v' | 'out' | 'dout' | 'dq' | 'dk' | 'dv', GoldenArray> & {
    mask?: GoldenArray;
    conv?: GoldenArray;
  };
}

function decode({ dtype, shape, base64 }: Encoded): GoldenArray {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  const types = { float64: Float64Array, int32: Int32Array, bool: Uint8Array };
  return { dtype, shape, values: new types[dtype](bytes.buffer) };
}

/** All attention cases, in the file's order. */
export function goldenCases(): GoldenCase[] {
  const path = new URL('../golden/attention.json', import.meta.url);
  const { attention } = JSON.parse(readFileSync(path, 'utf8')) as { attention: Record<string, unknown>[] };
  return attention.map(({ name, options, ...arrays }) => ({
    name: name as string,
    options: options as GoldenCase['options'],
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([key, value]) => [key, decode(value as Encoded)]),
    ) as GoldenCase['arrays'],
  }));
}
