// Our kernels and training steps on the peers' cases.

import * as tf from '@tensorflow/tfjs-core';
import { FreshSteps } from '../../src/benchmarks/freshSteps.js';
import { attention } from '../../src/index.js';
import { startOurs } from '../processes/ours.js';
import type { Setting, Subject } from '../processes/subject.js';
import { stepOf } from '../steps/classifier.js';
import { poolOf } from '../steps/data.js';
import { CLASSES, type StepModel } from '../steps/models.js';
import { type Case, COMPARED_STEPS, flopsOf, type KernelCase, operandsOf, type PeerFacts } from './cases.js';

function prepareKernel(one: KernelCase, version: string): Subject<PeerFacts> {
  const operands = operandsOf(one).map(({ data, dims }) => tf.tensor(data, dims));
  const [a, b, v] = operands;
  const run = () => (one.kind === 'matMul' ? tf.matMul(a, b) : attention(a, b, v));
  const out = run();
  const result = out.dataSync<'float32'>().slice();
  out.dispose();
  return {
    facts: { version, results: { ours: result }, flops: flopsOf(one) },
    calls: { ours: () => run().dispose() },
    dispose: () => tf.dispose(operands),
  };
}

function prepareStep(model: StepModel, version: string): Subject<PeerFacts> {
  const { step, flops, dispose } = stepOf(model, 'softmax');
  const fresh = new FreshSteps(step, poolOf(model), CLASSES);
  const losses = Float32Array.from({ length: COMPARED_STEPS }, () => fresh.step());
  return {
    facts: { version, results: { ours: losses }, flops },
    calls: { ours: () => void fresh.step() },
    dispose,
  };
}

export async function prepare(one: Case, setting: Setting): Promise<Subject<PeerFacts>> {
  const { build } = await startOurs(setting);
  return one.kind === 'step' ? prepareStep(one.model, build) : prepareKernel(one, build);
}
