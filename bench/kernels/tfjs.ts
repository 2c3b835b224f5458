// A row of kernels by tfjs's own ops, in a process where our kernels are not registered.

import { startTfjs } from '../processes/ours.js';
import type { Subject } from '../processes/subject.js';
import { rowNamed } from './all.js';

export async function prepare(name: string): Promise<Subject> {
  await startTfjs();
  const { tfjs, dispose } = rowNamed(name).prepare();
  return { facts: {}, calls: { tfjs: tfjs! }, dispose };
}
