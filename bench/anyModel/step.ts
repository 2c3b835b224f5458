// Training steps and predictions of one model of tf.layers on one backend, in a process of its own.

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { normal } from '../random.js';
import { startOurs, startTfjs } from '../processes/ours.js';
import type { Setting, Subject } from '../processes/subject.js';
import { anyModels, setWeights } from './models.js';

export interface AnyModelFacts {
  /** Why the backend cannot train it; undefined where it can. */
  failure?: string;
  /** Of the first steps. */
  losses: number[];
}

/** Steps whose losses are compared. */
const COMPARED = 2;

/** Brings up a backend: 'cpu', 'wasm' (tfjs's own), or ours. */
async function start(setting: Setting): Promise<void> {
  if (setting.build === 'cpu') await tf.setBackend('cpu');
  else if (setting.build === 'wasm') await startTfjs();
  else await startOurs(setting);
}

export async function prepare({ name }: { name: string }, setting: Setting): Promise<Subject<AnyModelFacts>> {
  await start(setting);
  const { make, batch, shape, classes } = anyModels.find((one) => one.name === name)!;
  const model = make();
  setWeights(model);
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' });
  const sizes = [batch, ...shape];
  const x = tf.tensor(normal(name, tf.util.sizeFromShape(sizes)), sizes);
  const labels = Int32Array.from({ length: batch }, (_, index) => index % classes);
  const y = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classes));
  const step = async () => (await model.trainOnBatch(x, y)) as number;
  const predict = () => {
    const out = model.predict(x) as tf.Tensor;
    out.dataSync();
    out.dispose();
  };
  const slow = setting.build === 'cpu';
  const losses: number[] = [];
  try {
    for (let count = 0; count < COMPARED; count++) losses.push(await step());
  } catch (error) {
    const failure = (error as Error).message.split('\n')[0];
    return { facts: { losses, failure }, calls: { predict }, slow };
  }
  return { facts: { losses }, calls: { step: async () => void (await step()), predict }, slow };
}
