// The golden cases: float64 results from other programs (test/golden/README.md).

import { readFileSync } from 'node:fs';

/** An array in the file. */
export interface Encoded {
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

/** The values of an array in the file. */
export function decode({ dtype, shape, base64 }: Encoded): GoldenArray {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'));
  const types = { float64: Float64Array, int32: Int32Array, bool: Uint8Array };
  return { dtype, shape, values: new types[dtype](bytes.buffer) };
}

/** The cases of one of its parts, unchanged, in the file's order. */
export function goldenPart(name: 'attention' | 'svr'): Record<string, unknown>[] {
  const path = new URL('../golden/attention.json', import.meta.url);
  return (JSON.parse(readFileSync(path, 'utf8')) as Record<typeof name, Record<string, unknown>[]>)[name];
}

/** All attention cases. */
export function goldenCases(): GoldenCase[] {
  return goldenPart('attention').map(({ name, options, ...arrays }) => ({
    name: name as string,
    options: options as GoldenCase['options'],
    arrays: Object.fromEntries(
      Object.entries(arrays).map(([key, value]) => [key, decode(value as Encoded)]),
    ) as GoldenCase['arrays'],
  }));
}
