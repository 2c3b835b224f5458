// All forms at one size, in the process of one configuration.

import { peakBytes } from '../../src/runtime/peakBytes.js';
import { prepareAttention } from '../kernels/attention.js';
import { startOurs } from '../processes/ours.js';
import type { Setting, Subject } from '../processes/subject.js';
import { forms, HEADS, type Size } from './forms.js';

/** By form: operations, and bytes that a call has on the heap in addition to its operands. */
export type SizeFacts = Record<string, { flops: number; bytes: number }>;

export async function prepare({ pass, length, width }: Size, setting: Setting): Promise<Subject<SizeFacts>> {
  await startOurs(setting);
  const facts: SizeFacts = {};
  const calls: Subject['calls'] = {};
  const prepared = Object.entries(forms).map(([form, options]) => {
    const found = prepareAttention([1, HEADS, length, width], pass, options);
    calls[form] = found.ours;
    return { form, ...found };
  });
  for (const { form, flops, ours } of prepared) facts[form] = { flops, bytes: await peakBytes(ours) };
  return { facts, calls, dispose: () => prepared.forEach(({ dispose }) => dispose()) };
}
