// A row of kernels in the process of one configuration.

import { startOurs } from '../processes/ours.js';
import { arithmeticRoof, memoryRoof } from '../processes/roofline.js';
import type { Setting, Subject } from '../processes/subject.js';
import { rowNamed } from './all.js';

export interface RowFacts {
  flops?: number;
  bytes?: number;
  density?: number;
  /** GFLOP/s, or GB/s of a copy of as many bytes. */
  roof: number;
}

let arithmetic: number | undefined;

export async function prepare(name: string, setting: Setting): Promise<Subject<RowFacts>> {
  await startOurs(setting);
  arithmetic ??= await arithmeticRoof(setting);
  const { flops, bytes, density, ours, softmax, dispose } = rowNamed(name).prepare();
  const roof = bytes === undefined ? arithmetic : await memoryRoof(setting, bytes);
  return { facts: { flops, bytes, density, roof }, calls: softmax ? { softmax, ours } : { ours }, dispose };
}
