import { beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/data/batches.js';
import { init } from '../../src/ops/init.js';
import { bestEpoch, hasStalled } from '../../src/training/earlyStopping.js';
import { evaluate } from '../../src/training/evaluate.js';
import { fit } from '../../src/training/fit.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { Progress } from '../../src/training/progress.js';
import { rAdam } from '../../src/training/rAdam.js';
import { makeClassifier, slopes, weightsOf } from './slopes.js';

beforeAll(() => init());

const data = slopes(20, 1);
const validation = slopes(9, 2);

/** A run of a new model: its weights at the end, and its history. */
async function run(options: FitOptions) {
  const model = makeClassifier();
  const history = await fit(model, data, { epochs: 2, batchSize: 8, seed: 5, ...options });
  return { model, history, weights: weightsOf(model) };
}

describe('options of fit', () => {
  it('do all change the run, and each of them repeatably', async () => {
    const options: FitOptions[] = [
      {},
      ...([{ optimizer: 'adamW' }, { optimizer: 'sgd' }, { optimizer: 'sgd', momentum: 0.5 }] as FitOptions[]),
      ...[{ weightDecay: 0.1 }, { clipNorm: 0.1 }, { clipNorm: null, learningRate: 0.01 }],
      ...([{ schedule: 'constant' }, { schedule: 'step' }, { warmupEpochs: 1 }] as FitOptions[]),
      ...[{ labelSmoothing: 0.1 }, { classWeights: [1, 2] }],
    ];
    const weights = [];
    for (const option of options) {
      const { weights: found } = await run(option);
      expect((await run(option)).weights, JSON.stringify(option)).toEqual(found);
      weights.push(JSON.stringify(found));
    }
    expect(new Set(weights).size).toBe(options.length);
  });

  it('have the defaults that are documented', async () => {
    const { weights } = await run({});
    const defaults: FitOptions = {
      ...{ optimizer: 'rAdam', learningRate: 1e-3, schedule: 'cosine', warmupEpochs: 0, weightDecay: 0, clipNorm: 4 },
      ...{ labelSmoothing: 0, monitor: 'accuracy', restoreBestWeights: false, patience: undefined },
    };
    expect((await run(defaults)).weights).toEqual(weights);
    expect((await run({ classWeights: 'balanced' })).weights).toEqual(weights); // the classes have ten cases each
    const adamW = await run({ optimizer: 'adamW' });
    expect((await run({ optimizer: 'adamW', weightDecay: 0.01 })).weights).toEqual(adamW.weights);
  });

  it('give the learning rate of the schedule', async () => {
    const rates: (number | undefined)[] = [];
    const onBatchEnd = ({ learningRate }: Progress) => rates.push(learningRate);
    await run({ learningRate: 0.01, warmupEpochs: 1, schedule: 'step', onBatchEnd });
    expect(rates).toEqual([0.01 * (1 / 3), 0.01 * (2 / 3), 0.01, 0.01, 0.01, 0.001]);
  });

  it('name what is wrong, before anything changes', async () => {
    const model = makeClassifier();
    const start = weightsOf(model);
    const wrong: [object | null, string][] = [
      [null, 'fit: options was null; it must be an object'],
      [{ epoch: 3 }, "fit: unknown option 'epoch'; the options are epochs, batchSize"],
      [{ schedule: 'linear' }, "fit: schedule was 'linear'; it must be 'constant' or 'cosine' or 'step'"],
      [{ optimizer: 'adam' }, "fit: optimizer was 'adam'; it must be 'adamW' or 'rAdam' or 'sgd'"],
      [{ optimizer: rAdam(), clipNorm: 1 }, 'fit: clipNorm was 1 with an optimizer, which has its own'],
      [{ momentum: 0.5 }, "fit: momentum was 0.5 for 'rAdam'; only 'sgd' takes it"],
      [{ learningRate: -1 }, 'fit: learningRate was -1; it must be 0 or more'],
      [{ clipNorm: 0 }, 'fit: clipNorm was 0; it must be above 0, or null'],
      [{ epochs: 3, warmupEpochs: 3 }, 'fit: warmupEpochs was 3; it must be below epochs, 3'],
      [{ warmupEpochs: -1 }, 'fit: warmupEpochs was -1; it must be 0 or more'],
      [{ labelSmoothing: 1 }, 'fit: labelSmoothing was 1; it must be 0 or more and below 1'],
      [{ classWeights: [1] }, "fit: classWeights was [1]; it must be 'balanced' or hold 2 numbers"],
      [{ patience: 2 }, 'fit: patience was 2 without validation'],
      [{ validation, patience: 0 }, 'fit: patience was 0; it must be an integer, 1 or more'],
      [{ restoreBestWeights: true }, 'fit: restoreBestWeights was true without validation'],
      [{ validation, monitor: 'f1' }, "fit: monitor was 'f1'; it must be 'accuracy' or 'loss'"],
      [{ validation: { ...validation, channels: 2 } }, "fit: validation: the model's inputs were [B, 6, 1]"],
      [{ validation: slopes(0, 1) }, 'fit: validation: the data had no case'],
      [{ config: {} }, 'fit: config was given without folder; give that too'],
      [{ resume: 1 }, 'fit: resume was 1; it must be true or false'],
      [{ seed: 0.5 }, 'fit: seed was 0.5; it must be an integer'],
    ];
    for (const [options, message] of wrong) {
      await expect(fit(model, data, options as object)).rejects.toThrow(message);
    }
    await expect(fit(model, slopes(0, 1))).rejects.toThrow('fit: the data had no case; it must have at least one');
    expect(weightsOf(model)).toEqual(start);
  });
});

describe('validation', () => {
  it('scores each epoch as evaluate does, without a change to the run', async () => {
    const found: object[] = [];
    const model = makeClassifier();
    const history = await fit(model, data, {
      ...{ epochs: 3, batchSize: 8, seed: 5, validation },
      onEpochEnd: ({ validation: score }) => {
        const { loss, accuracy, macroF1 } = evaluate(model, validation);
        expect(score).toEqual({ loss, accuracy, macroF1 });
        found.push(score!);
      },
    });
    expect(history.map(({ validation }) => validation)).toEqual(found);
    expect(weightsOf(model)).toEqual((await run({ epochs: 3 })).weights);
  });

  it('stops after `patience` epochs without a better one, and brings back the best weights if asked', async () => {
    // At this rate the loss goes down, then rises.
    const run40 = { epochs: 40, learningRate: 0.2, schedule: 'constant', validation } as const;
    const options = { ...run40, monitor: 'loss', patience: 3 } as const;
    const { history, weights } = await run(options);
    const losses = history.map(({ validation }) => validation!.loss);
    const best = losses.indexOf(Math.min(...losses));
    expect(history.length).toBeLessThan(40);
    expect(history.length).toBe(best + 1 + 3);
    const restored = await run({ ...options, restoreBestWeights: true });
    expect(restored.history.length).toBe(history.length);
    expect(restored.weights).not.toEqual(weights);
    expect(evaluate(restored.model, validation).loss).toBe(losses[best]);
  });

  it('takes the highest accuracy, then the lowest loss, then the first', () => {
    const of = (...scores: [number, number][]) => {
      const history = scores.map(([accuracy, loss], index) => {
        return { epoch: index + 1, validation: { accuracy, loss, macroF1: 0 } } as Progress;
      });
      return bestEpoch(history, 'accuracy')?.epoch;
    };
    expect(of([0.5, 1])).toBe(1);
    expect(of([0.5, 0.1], [0.75, 3], [0.7, 0.2])).toBe(2);
    expect(of([0.75, 0.5], [0.75, 0.4], [0.75, 0.45])).toBe(2);
    expect(of([0.75, 0.5], [0.75, 0.5])).toBe(1);
  });

  it('takes of equally accurate epochs the one with the lower loss', () => {
    const scores = [
      [0.5, 0.9],
      [0.7, 0.8],
      [0.7, 0.6],
      [0.6, 0.1],
      [0.7, 0.6],
    ];
    const history = scores.map(([accuracy, loss], index) => {
      return { epoch: index + 1, validation: { accuracy, loss, macroF1: 0 } } as Progress;
    });
    expect(bestEpoch(history, 'accuracy')?.epoch).toBe(3);
    expect(bestEpoch(history, 'loss')?.epoch).toBe(4);
    expect(bestEpoch([], 'loss')).toBeUndefined();
    expect([2, 3].map((patience) => hasStalled(history, 'accuracy', patience))).toEqual([true, false]);
    expect([1, 2].map((patience) => hasStalled(history, 'loss', patience))).toEqual([true, false]);
    expect(hasStalled(history, 'accuracy', undefined)).toBe(false);
  });
});

describe('augmentation', () => {
  it('sees each batch once, with a seed of its own that is the same in every run', async () => {
    const seeds: number[] = [];
    const sizes: number[] = [];
    const augmentation = (batch: Batch, seed: number): Batch => {
      seeds.push(seed);
      sizes.push(batch.size);
      const [series, lengths] = batch.inputs;
      return { ...batch, inputs: [{ ...series, values: series.values.map((value) => 0.9 * value) }, lengths] };
    };
    const first = await run({ augmentation });
    expect(sizes).toEqual([8, 8, 4, 8, 8, 4]);
    expect(new Set(seeds).size).toBe(6);
    const before = seeds.splice(0);
    expect((await run({ augmentation })).weights).toEqual(first.weights);
    expect(seeds).toEqual(before);
    expect((await run({})).weights).not.toEqual(first.weights);
  });
});

describe('signal', () => {
  it('ends training after the batch, with the epochs that are complete', async () => {
    const controller = new AbortController();
    const batches: number[] = [];
    const onBatchEnd = ({ epoch, batch }: Progress) => {
      batches.push(batch);
      if (epoch === 2 && batch === 2) controller.abort();
    };
    const { history } = await run({ epochs: 5, signal: controller.signal, onBatchEnd });
    expect(batches).toEqual([1, 2, 3, 1, 2]);
    expect(history.map(({ epoch }) => epoch)).toEqual([1]);
  });

  it("that is aborted before, or in an epoch's last batch, counts as well", async () => {
    expect((await run({ signal: AbortSignal.abort() })).history).toEqual([]);
    const controller = new AbortController();
    const onEpochEnd = () => controller.abort();
    expect((await run({ epochs: 5, signal: controller.signal, onEpochEnd })).history.length).toBe(1);
  });
});
