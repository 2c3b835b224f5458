/** Comparisons of regressors and forecasters. */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { comparisonDocument } from '../../src/experiments/comparisonDocument.js';
import { comparisonFigures, comparisonMarkdown, comparisonPage } from '../../src/experiments/comparisonReport.js';
import { fingerprint } from '../../src/experiments/fingerprint.js';
import { packDataset, unpackDataset } from '../../src/experiments/packDataset.js';
import { differenceOf } from '../../src/experiments/pairedTests.js';
import type { RunRecord } from '../../src/experiments/runStore.js';
import { trainRun } from '../../src/experiments/trainRun.js';
import { evaluate, forecastDataset, getMetadata, init, load, standardize } from '../../src/index.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
beforeAll(() => init());

const protocol = {
  ...{ epochs: 3, batchSize: 16, learningRate: 0.01, validation: 0, headCases: 0 },
  schedule: 'constant' as const,
};
const sizes = { width: 8, feedForward: 8, heads: 2, layers: 1, dropout: 0 };
const values = Float32Array.from({ length: 200 }, (_, t) => 20 + 3 * Math.sin((2 * Math.PI * t) / 12));
const waves = forecastDataset('waves', 'waves', { channelNames: ['level'], values }, { length: 16, horizon: 4 });
const config = {
  ...{ ...protocol, ...sizes, task: 'forecasting' as const, data: 'waves', form: 'softmax', seed: 0 },
  ...{ fingerprint: '', version: '', length: 16, horizon: 4 },
};

it('trains forecasters once, and chooses the epoch by their own validation part', async () => {
  const path = join(folder, 'forecaster');
  const stages: string[] = [];
  const result = await trainRun(waves, { ...config, headCases: 5 }, path, ({ stage }) => void stages.push(stage));
  expect(stages).toEqual(['training', 'training', 'training']);
  const { curves, chosen, test } = result;
  const held = curves.validation!.map(({ evaluation }) => evaluation.mse!);
  expect(chosen).toMatchObject({ epoch: 1 + held.indexOf(Math.min(...held)), mse: Math.min(...held) });
  const tested = curves.training.map(({ evaluation }) => evaluation);
  expect(test.last).toEqual(tested[2]);
  expect(test.validation).toEqual(tested[chosen!.epoch - 1]);
  expect(test.best.mse).toBe(Math.min(...tested.map(({ mse }) => mse!)));
  const { overlap, distance } = result.heads!;
  expect(overlap).toBeGreaterThan(0);
  expect(overlap).toBeLessThanOrEqual(1);
  expect(distance).toBeGreaterThan(0);
  const model = await load(path);
  const { mse } = evaluate(model, standardize(waves.test, getMetadata(model).statistics));
  expect(mse).toBeCloseTo(test.validation!.mse!, 6);
});

it('travels to other machines without its windows, and is the same there', async () => {
  const packed = packDataset(waves);
  expect(packed.length).toBeLessThan(20_000);
  await writeFile(join(folder, 'packed'), packed);
  const unpacked = await unpackDataset(join(folder, 'packed'));
  expect(unpacked).toEqual(waves);
  expect(fingerprint(unpacked)).toBe(fingerprint(waves));
});

it('knows other targets for other data', () => {
  const part = (targets: number[]) => ({
    ...{ series: [new Float32Array(2)], lengths: [2], channels: 1, labels: [-1], classNames: [], targets },
  });
  const of = (targets: number[]) => fingerprint({ name: 'x', train: part(targets), test: part([0]) });
  expect(of([1])).not.toBe(of([2]));
});

it('measures differences of errors by the baseline', () => {
  expect(differenceOf('accuracy', 0.9, 0.8)).toBeCloseTo(0.1, 12);
  expect(differenceOf('rmse', 9, 10)).toBeCloseTo(-0.1, 12);
  expect([differenceOf('mse', 0, 0), differenceOf('mse', 1, 0)]).toEqual([0, 1]);
});

function record(data: string, form: string, seed: number, rmse: number): RunRecord {
  const scores = { loss: 1, rmse, mae: rmse / 2, r2: 1 - rmse / 100 };
  const test = { last: scores, validation: null, best: { ...scores, rmse: rmse - 1 } };
  const run = { ...protocol, ...sizes, data, form, seed, task: 'regression' as const, fingerprint: '', version: '' };
  const point = { loss: 1, evaluation: scores };
  return {
    config: run,
    parameters: 9,
    seconds: 1,
    test,
    chosen: null,
    curves: { training: [point], validation: null },
  };
}

const records = [0, 1].flatMap((seed) => [
  record('A', 'softmax', seed, 10 + seed),
  record('A', 'bn', seed, 9 + seed),
  record('B<i>', 'softmax', seed, 1000),
  record('B<i>', 'bn', seed, 900),
]);
const rules = ['A', 'B<i>'].map((data) => {
  return { data, task: 'regression' as const, name: 'mean', rmse: 50, mae: 40, r2: -0.1 };
});
const input = {
  ...{ records, failed: [], best: [], protocol, baseline: 'softmax', baselines: rules },
  own: { build: 'relaxed', bits: '0' },
};

it('shows errors with simple rules beside them, and says who wins', async () => {
  const text = comparisonMarkdown(input);
  expect(text).toContain('| test RMSE, last epoch |');
  expect(text).not.toContain('| mean     '); // no mean of numbers in different units
  expect(text).toMatch(/\| A +\| bn +\| +2 \| +9\.50 ± 0\.71 \| +8\.50 ± 0\.71 \| +4\.75 ± /);
  expect(text).toMatch(/\| A +\| \(mean\) +\| +\| +50 \| +\| +40 \| +-0\.1000 \|/);
  expect(text).toContain(
    "A: bn, the best form, does better than every simple rule: RMSE 9.5 against RMSE 50 of 'mean'.",
  );
  expect(text).toContain("B<i>: bn, the best form, does not do better than 'mean': RMSE 900 against RMSE 50.");
  expect(text).toMatch(/bn minus softmax \| last epoch \| +4 runs \| -9\.8 ± 0\.\d/);
  expect(text).toContain("Differences are in per cent of the baseline's RMSE.");
  expect(text).toContain('biased downwards');
  const page = await comparisonPage(input);
  expect(page).not.toContain('B<i>');
  expect(page).not.toContain('could not be made');
  expect(page.match(/<svg/g)).toHaveLength(4);
});

it('has scores of the task in its document', () => {
  const { results, summary, baselines } = comparisonDocument(input, comparisonFigures(input), 'report.html');
  expect(results[0]).toEqual({
    ...{ data: 'A', form: 'softmax', seed: 0, parameters: 9, seconds: 1 },
    testScores: {
      last: { rmse: 10, mae: 5, r2: 0.9 },
      validation: null,
      best: { rmse: 9, mae: 5, r2: 0.9 },
    },
  });
  expect(summary[1]).toMatchObject({ data: 'A', form: 'bn', testScores: { last: { rmse: { mean: 9.5 } } } });
  expect(baselines).toEqual(rules);
});
