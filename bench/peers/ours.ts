// Our kernels on the peers' cases.

import * as tf from '@tensorflow/tfjs-core';
import { attention } from '../../src/index.js';
import { startOurs } from '../processes/ours.js';
import type { Setting, Subject } from '../processes/subject.js';
import { type Case, operandsOf, type PeerFacts } from './cases.js';

export async function prepare(one: Case, setting: Setting): Promise<Subject<PeerFacts>> {
  const { build } = await startOurs(setting);
  const operands = operandsOf(one).map(({ data, dims }) => tf.tensor(data, dims));
  const [a, b, v] = operands;
  const run = () => (one.kind === 'matMul' ? tf.matMul(a, b) : attention(a, b, v));
  const out = run();
  const result = out.dataSync<'float32'>().slice();
  out.dispose();
  return {
    facts: { version: build, results: { ours: result } },
    calls: { ours: () => run().dispose() },
    dispose: () => tf.dispose(operands),
  };
}
