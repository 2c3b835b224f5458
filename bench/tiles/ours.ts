// One register tile of assembly/gemm, compiled as the kernels of a build are.

import { compileFor } from '../processes/modules.js';
import { startOurs } from '../processes/ours.js';
import { arithmeticRoof } from '../processes/roofline.js';
import type { Setting, Subject } from '../processes/subject.js';

/** A tile of C, and how it reads A. */
export interface Tile {
  rows: number;
  columns: number;
  terms: number;
  left: 'interleaved' | 'transposed';
}

export interface TileFacts {
  /** Operations of a call. */
  flops: number;
  /** GFLOP/s. */
  roof: number;
}

type Strips = (rows: number, columns: number, terms: number, count: number, at: number) => void;

interface Exports {
  memory: WebAssembly.Memory;
  flops: (columns: number, terms: number, count: number) => number;
  interleaved: Strips;
  transposed: Strips;
}

const BASE = 65536;
/** Strips of a call: a millisecond or so. */
const COUNT = 1000;

let roof: number | undefined;

export async function prepare(tile: Tile, setting: Setting): Promise<Subject<TileFacts>> {
  await startOurs(setting); // switches V8's flags, too
  roof ??= await arithmeticRoof(setting);
  const instance = new WebAssembly.Instance(await compileFor(setting.build, 'tiles'));
  const exports = instance.exports as unknown as Exports;
  exports.memory.grow(2);
  const { rows, columns, terms, left } = tile;
  return {
    facts: { flops: exports.flops(columns, terms, COUNT), roof },
    calls: { strips: () => exports[left](rows, columns, terms, COUNT, BASE) },
  };
}
