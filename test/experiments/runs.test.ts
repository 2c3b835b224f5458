import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/labelledData.js';
import { parseTimeSeries } from '../../src/data/formats/parseTimeSeries.js';
import { fitRun } from '../../src/experiments/fitRun.js';
import { keepRun } from '../../src/experiments/keepRun.js';
import { prepareRun } from '../../src/experiments/prepareRun.js';
import { protocolOf } from '../../src/experiments/runConfig.js';
import type { RunPlan } from '../../src/experiments/runPlan.js';
import { trainRun } from '../../src/experiments/trainRun.js';
import { init } from '../../src/ops/init.js';
import { mixSeed, runSeed } from '../../src/random.js';
import { evaluate } from '../../src/training/evaluate.js';
import { load } from '../../src/training/load.js';
import { slopesFile } from '../support/commandLine.js';
import { rewriteAsEarlier } from '../support/damage.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const slopes = (cases: number) => parseTimeSeries(slopesFile(cases), 'slopes');
const dataset: Dataset = { name: 'Slopes', train: slopes(40), test: slopes(21) };
const sizes = { width: 8, feedForward: 8, heads: 2, layers: 1, dropout: 0.1 };
const protocol = { epochs: 4, batchSize: 8, learningRate: 0.02, schedule: 'cosine', validation: 0 } as const;
const plan: RunPlan = { ...{ data: 'files', form: 'bn', seed: 3 }, ...sizes, ...protocol };
const folder = temporaryFolder();

beforeAll(async () => {
  await init();
});

/** What `train` does. */
async function runIn(name: string, changes: Partial<RunPlan> = {}, stopAfter = Infinity, resume = false) {
  const path = join(folder, name);
  const run = prepareRun(dataset, { ...plan, ...changes });
  const controller = new AbortController();
  const history = await fitRun(run, run.parts.validation, {
    ...{ folder: path, resume, signal: controller.signal },
    onEpochEnd: ({ epoch }) => {
      if (epoch === stopAfter) controller.abort();
    },
  });
  const weights = () => run.model.getWeights().map((weight) => [...weight.dataSync()]);
  return { path, run, history, weights };
}

describe('a run', () => {
  it('is the same, made by itself or in a comparison', async () => {
    const { path, run, history } = await runIn('own');
    const { last, best, kept } = await keepRun(run, 'Slopes', path, history);
    const config = {
      ...{ ...plan, ...sizes, ...protocolOf({ ...protocol, headCases: 0 }) },
      ...{ task: 'classification' as const, fingerprint: '', version: '' },
    };
    const compared = await trainRun(dataset, config, join(folder, 'compared'), () => {});
    expect(compared.test.last.accuracy).toBe(last.accuracy);
    expect(compared.curves.training.at(-1)?.evaluation.loss).toBe(last.loss);
    expect({ best, kept }).toEqual({ best: undefined, kept: last });
    expect(compared.parameters).toBe(run.model.countParams());
  });

  it('keeps the model of the epoch that the plan asks for', async () => {
    const changes = { validation: 0.25, schedule: 'constant' as const };
    for (const restoreBestWeights of [false, true]) {
      const name = `kept ${restoreBestWeights}`;
      const { path, run, history } = await runIn(name, { ...changes, restoreBestWeights });
      const { last, best, kept } = await keepRun(run, 'Slopes', path, history);
      expect(kept).toBe(restoreBestWeights ? best : last);
      const saved = evaluate(await load(path), run.parts.test);
      expect(saved.loss).toBe(kept.loss);
    }
  });

  it('has the seed that was asked for in config.json, and streams of its own', async () => {
    const { path } = await runIn('seeds');
    const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as object;
    expect(config).toMatchObject({ data: 'files', form: 'bn', ...sizes, ...protocol, seed: 3, optimizer: 'rAdam' });
    expect((['weights', 'training', 'split'] as const).map((stream) => runSeed(3, stream))).toEqual(
      [0, 1, 2].map((stream) => mixSeed(3, stream)),
    );
  });

  it('is resumed with the random numbers it began with, those of an earlier version too', async () => {
    const whole = await runIn('whole');
    await runIn('parts', {}, 2);
    expect((await runIn('parts', {}, Infinity, true)).weights()).toEqual(whole.weights());
    await expect(runIn('parts', { seed: 4 }, Infinity, true)).rejects.toThrow(
      'parts: seed was 4; it must be 3, as when the run began',
    );
    // An earlier version had the seed of config.json for its training, and none in its checkpoints.
    const { path } = await runIn('earlier', {}, 2);
    type Json = { userDefinedMetadata: { primalAttentionTraining: { seed?: number } } };
    await rewriteAsEarlier(join(path, 'checkpoints/last'), ({ userDefinedMetadata }: Json) => {
      const { primalAttentionTraining: state } = userDefinedMetadata;
      expect(state.seed).toBe(runSeed(3, 'training'));
      delete state.seed;
    });
    const resumed = await runIn('earlier', {}, Infinity, true);
    expect(resumed.history.length).toBe(4);
    expect(resumed.weights()).not.toEqual(whole.weights());
  });
});
