// What a step needs of the heap, in a process that has seen nothing else.

import * as tf from '@tensorflow/tfjs-core';
import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import { Heap } from '../../src/runtime/heap.js';
import { peakBytes } from '../../src/runtime/peakBytes.js';
import { startOurs } from '../processes/ours.js';
import type { Setting, Subject } from '../processes/subject.js';
import { stepOf } from './classifier.js';
import { poolOf } from './data.js';
import { CLASSES, type FormName, type StepModel } from './models.js';

export interface MemoryFacts {
  /**
   * Bytes of tensors and scratch at the worst moment: weights, moments and batch, and what the step needs in addition.
   */
  peak: number;
  /** Bytes that the heap has grown to. */
  heap: number;
}

export async function prepare(
  { model, form }: { model: StepModel; form: FormName },
  setting: Setting,
): Promise<Subject<MemoryFacts>> {
  await startOurs(setting);
  const fresh = new FreshSteps(stepOf(model, form).step, poolOf(model, 1), CLASSES);
  // The first makes the moments of the optimiser.
  fresh.step();
  fresh.step();
  const heap = Heap.of().size;
  const held = tf.memory().numBytes;
  return { facts: { peak: held + (await peakBytes(() => void fresh.step())), heap }, calls: {} };
}
