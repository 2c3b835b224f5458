// The softmax part of attention alone, compiled as the kernels of a build are.

import { compileFor } from '../processes/modules.js';
import { startOurs } from '../processes/ours.js';
import { normal } from '../random.js';
import type { Setting, Subject } from '../processes/subject.js';

interface Exports {
  memory: WebAssembly.Memory;
  products: () => number;
  scoresOf: (count: number) => number;
  prepare: (base: number, width: number) => void;
  panels: (base: number, count: number, softmax: boolean) => void;
}

export interface SoftmaxFacts {
  /** Scores of a call. */
  scores: number;
}

const BASE = 65536;
/** Panels of queries in a call. */
const COUNT = 256;

/** `softmax`: products are laid out and become weights; `copies`: they are laid out only. */
export async function prepare(width: number, setting: Setting): Promise<Subject<SoftmaxFacts>> {
  await startOurs(setting); // switches V8's flags, too
  const instance = new WebAssembly.Instance(await compileFor(setting.build, 'softmax'));
  const { memory, products, scoresOf, prepare, panels } = instance.exports as unknown as Exports;
  memory.grow(4);
  const values = normal('softmax', products()).map((value) => value * Math.sqrt(width));
  new Float32Array(memory.buffer, BASE).set(values);
  prepare(BASE, width);
  return {
    facts: { scores: scoresOf(COUNT) },
    calls: { softmax: () => panels(BASE, COUNT, true), copies: () => panels(BASE, COUNT, false) },
  };
}
