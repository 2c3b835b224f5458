// tfjs's own ops at one size, in a process where our kernels are not registered.

import { peakBytes } from '../../src/runtime/peakBytes.js';
import { prepareAttention } from '../kernels/attention.js';
import { startTfjs } from '../processes/ours.js';
import type { Subject } from '../processes/subject.js';
import { HEADS, type Size, TFJS } from './forms.js';
import type { SizeFacts } from './ours.js';

export async function prepare({ pass, length, width }: Size): Promise<Subject<SizeFacts>> {
  await startTfjs();
  const { flops, tfjs, dispose } = prepareAttention([1, HEADS, length, width], pass);
  return { facts: { [TFJS]: { flops, bytes: await peakBytes(tfjs) } }, calls: { [TFJS]: tfjs }, dispose };
}
