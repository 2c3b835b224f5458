// tfjs alone: its own copy, where nothing of ours was ever loaded.

import type * as Tf from '@tensorflow/tfjs-core';
import type { Subject } from '../processes/subject.js';
import { type KernelCase, operandsOf, type PeerFacts } from './cases.js';
import { requirePeer } from './requirePeer.js';

function compute(tf: typeof Tf, { kind }: KernelCase, operands: Tf.Tensor[]): Tf.Tensor {
  const [a, b, v] = operands;
  if (kind === 'matMul') return tf.matMul(a, b);
  const scores = tf.mul(tf.matMul(a, b, false, true), 1 / Math.sqrt(a.shape[3]!));
  return tf.matMul(tf.softmax(scores), v);
}

export async function prepare(one: KernelCase): Promise<Subject<PeerFacts>> {
  const tf = requirePeer('@tensorflow/tfjs-core') as typeof Tf;
  const { setThreadsCount } = requirePeer('@tensorflow/tfjs-backend-wasm') as {
    setThreadsCount: (count: number) => void;
  };
  setThreadsCount(1);
  await tf.setBackend('wasm');
  const operands = operandsOf(one).map(({ data, dims }) => tf.tensor(data, dims));
  const run = () => tf.tidy(() => compute(tf, one, operands));
  const out = run();
  const result = out.dataSync<'float32'>().slice();
  out.dispose();
  return {
    facts: { version: tf.version_core, results: { ops: result } },
    calls: { ops: () => run().dispose() },
    dispose: () => tf.dispose(operands),
  };
}
