// After an error in fit, all is as after the last step that was completed.

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/batches.js';
import { adamW, fit, init, rAdam, sgd } from '../../src/index.js';
import { OutOfMemoryError } from '../../src/runtime/memory.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import { classification } from '../../src/training/tasks/classification.js';
import { trainingStep } from '../../src/training/trainingStep.js';
import { makeClassifier, slopes, weightsOf } from './slopes.js';

beforeAll(() => init());

const data = slopes(20, 1);
const base: FitOptions = { epochs: 2, batchSize: 8, seed: 5 };

/** Statistics and weights, the optimizer's own, and the heap. */
async function stateOf(model: ReturnType<typeof makeClassifier>, optimizer: tf.Optimizer) {
  const saved = await optimizer.getWeights();
  const moments = saved.map(({ tensor }) => [...tensor.dataSync()]);
  tf.dispose(saved.filter(({ tensor }) => !(tensor instanceof tf.Variable)).map(({ tensor }) => tensor));
  return { weights: weightsOf(model), moments };
}

const optimizers: [string, () => tf.Optimizer][] = [
  ['rAdam', () => rAdam({ learningRate: 0.01 })],
  ['adamW', () => adamW({ learningRate: 0.01, amsgrad: true })],
  ['sgd', () => sgd({ learningRate: 0.01, globalClipnorm: 1 })],
  ["tfjs's adam", () => tf.train.adam(0.01)],
];

const notFinite = (value: number) => (batch: Batch) => ({
  ...batch,
  inputs: [{ ...batch.inputs[0], values: batch.inputs[0].values.map(() => value) }, ...batch.inputs.slice(1)],
});

/** What goes wrong in the batch of an index, and what fit says. */
const faults: [string, (at: number) => FitOptions, string][] = [
  ...[NaN, Infinity, 3e38].map((value): [string, (at: number) => FitOptions, string] => [
    `numbers of ${value}`,
    (at) => {
      let batch = 0;
      return { augmentation: (given) => (batch++ === at ? notFinite(value)(given) : given) };
    },
    'not finite|the loss was|joint norm|must be finite|NaN|norm of a gradient',
  ]),
  [
    'a label of no class',
    (at) => {
      let batch = 0;
      return { augmentation: (given) => (batch++ === at ? { ...given, labels: given.labels.map(() => 2) } : given) };
    },
    'the label of case 1 of a batch was 2; it must be an integer from 0 to 1',
  ],
  [
    'an augmentation that throws',
    (at) => {
      let batch = 0;
      return {
        augmentation(given) {
          if (batch++ === at) throw new Error('no augmentation');
          return given;
        },
      };
    },
    'no augmentation',
  ],
  [
    'a callback that throws',
    (at) => ({
      onBatchEnd({ epoch, batch }) {
        if (3 * (epoch - 1) + batch === at) throw new Error('no callback');
      },
    }),
    'no callback',
  ],
];

describe.each(optimizers)('%s', (_, make) => {
  it.each(faults)('%s: as after the last step', async (_, faultAt, message) => {
    // The run is ended after four steps, in the second epoch.
    const steps = 4;
    const [whole, failed] = [makeClassifier(), makeClassifier()];
    const [one, other] = [make(), make()];
    const controller = new AbortController();
    const onBatchEnd: FitOptions['onBatchEnd'] = ({ epoch, batch }) => {
      if (3 * (epoch - 1) + batch === steps) controller.abort();
    };
    await fit(whole, data, { ...base, optimizer: one, signal: controller.signal, onBatchEnd });
    const memory = tf.memory();
    const found = fit(failed, data, { ...base, optimizer: other, ...faultAt(steps) });
    await expect(found).rejects.toThrow(new RegExp(message));
    expect(await stateOf(failed, other)).toEqual(await stateOf(whole, one));
    const moments = (await other.getWeights()).length;
    expect(tf.memory().numTensors - memory.numTensors).toBeLessThanOrEqual(moments + 1); // the first scalar of getWeights
    other.dispose();
    one.dispose();
  });
});

it('leaves nothing on the heap, wherever it fails', async () => {
  const model = makeClassifier();
  await fit(model, data, base);
  const memory = tf.memory();
  for (const [, faultAt] of faults) {
    for (const at of [0, 1, 4]) await fit(model, data, { ...base, ...faultAt(at) }).catch(() => undefined);
  }
  expect(tf.memory()).toEqual(memory);
});

it('a step that runs out of memory changes nothing', () => {
  const model = makeClassifier();
  const optimizer = adamW();
  const step = trainingStep(model, optimizer, classification.objective(model));
  const batch: Batch = {
    size: 2,
    inputs: [
      { values: new Float32Array(12).fill(0.5), shape: [2, 6, 1] },
      { values: Float32Array.of(6, 4), shape: [2, 1] },
    ],
    labels: Float32Array.of(0, 1),
  };
  step(batch);
  const before = [weightsOf(model), optimizer.iterations, tf.memory()];
  const runKernel = tf.engine().runKernel.bind(tf.engine());
  // Each kernel of a step in turn, until all of a step go well.
  for (let failing = 0; optimizer.iterations === 1; failing++) {
    let calls = 0;
    tf.engine().runKernel = (...args) => {
      // A clone takes no memory.
      if (args[0] !== 'Identity' && calls++ === failing) throw new OutOfMemoryError('out of memory');
      return runKernel(...args);
    };
    try {
      step(batch);
    } catch (error) {
      tf.engine().runKernel = runKernel;
      expect((error as Error).message).toBe('out of memory');
      expect([weightsOf(model), optimizer.iterations, tf.memory()], `kernel ${failing}`).toEqual(before);
    } finally {
      tf.engine().runKernel = runKernel;
    }
  }
  expect(optimizer.iterations).toBe(2);
  optimizer.dispose();
});

it('options of the wrong kind are refused before anything changes', async () => {
  const model = makeClassifier();
  const before = [weightsOf(model), tf.memory()];
  const wrong: [object, string][] = [
    [{ augmentation: 5 }, 'fit: augmentation was 5; it must be a function'],
    [{ onBatchEnd: 'x' }, "fit: onBatchEnd was 'x'; it must be a function"],
    [{ onEpochEnd: {} }, 'fit: onEpochEnd was an instance of Object; it must be a function'],
    [{ signal: true }, 'fit: signal was true; it must be an AbortSignal'],
    [{ lr: 0.1 }, "Did you mean 'learningRate'?"],
    [{ batch_size: 3 }, "Did you mean 'batchSize'?"],
    [{ validationData: data }, "Did you mean 'validation'?"],
    [{ classWeights: { 0: 1, 1: 2 } }, "fit: classWeights was an instance of Object; it must be 'balanced' or hold 2"],
    [{ classWeights: [1, NaN] }, 'fit: classWeights[1] was NaN; it must be 0 or more'],
    [{ classWeights: [0, 0] }, 'fit: classWeights was [0, 0]; a class with cases must weigh more than 0'],
    [{ classWeights: 'auto' }, "fit: classWeights was 'auto'"],
    [{ labelSmoothing: NaN }, 'fit: labelSmoothing was NaN; it must be 0 or more and below 1'],
    [{ labelSmoothing: '0.1' }, "fit: labelSmoothing was '0.1'"],
    [{ optimizer: 'adamW', learningRate: 1, weightDecay: 2 }, 'their product must be at most 1'],
    [{ learningRate: 1e-45 }, 'learningRate was 1e-45; it must be finite and 0 or more'],
  ];
  for (const [options, message] of wrong) await expect(fit(model, data, options)).rejects.toThrow(message);
  expect([weightsOf(model), tf.memory()]).toEqual(before);
});
