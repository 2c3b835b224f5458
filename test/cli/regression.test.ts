import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, small } from '../support/commandLine.js';
import { writeIdx } from '../support/idx.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const run = (...args: string[]) => runCommand(folder, args);

/** Rising series, whose target is 100 and 10 times the rise. */
function table(cases: number): string {
  const rows = Array.from({ length: cases }, (_, index) => {
    const rise = ((index * 7) % 11) / 5 - 1;
    return [100 + 10 * rise, ...[0, 1, 2, 3].map((t) => rise * (t - 1.5))].join(',');
  });
  return ['strength,t0,t1,t2,t3', ...rows].join('\n');
}

beforeAll(async () => {
  await writeFile(join(folder, 'Rises_TRAIN.csv'), table(66));
  await writeFile(join(folder, 'Rises_TEST.csv'), table(11));
  await writeFile(join(folder, 'new.csv'), 't0,t1,t2,t3\n-1.5,-0.5,0.5,1.5\n1.5,0.5,-0.5,-1.5\n');
});

it('trains, evaluates and predicts numbers of a table', async () => {
  const sizes = ['--width', '16', '--feed-forward', '16', '--heads', '2', '--layers', '1', '--dropout', '0'];
  const training = ['--epochs', '60', '--learning-rate', '0.01', '--validation', '0.2', '--restore-best-weights'];
  const data = ['--data', '.', '--target-column', 'strength', '--layout', 'wide'];
  const trained = await run('train', ...data, ...sizes, ...training, '--output', 'run', '--json');
  expect({ status: trained.status, stderr: trained.stderr }).toMatchObject({ status: 0 });
  expect(trained.stderr).toContain('strength from 90 to 110');
  const { testScores, bestEpoch } = JSON.parse(trained.stdout) as {
    testScores: { last: { rmse: number }; validation: { rmse: number; mae: number; r2: number } };
    bestEpoch: number;
  };
  expect(testScores.validation.r2).toBeGreaterThan(0.9);
  expect(bestEpoch).toBeGreaterThan(0);

  const evaluated = await run('evaluate', '--model', 'run', '--data', '.', '--json');
  expect({ status: evaluated.status, stderr: evaluated.stderr }).toMatchObject({ status: 0 });
  expect(JSON.parse(evaluated.stdout)).toMatchObject(testScores.validation);

  const predicted = await run('predict', '--model', 'run', '--input', 'new.csv', '--format', 'csv');
  expect({ status: predicted.status, stderr: predicted.stderr }).toMatchObject({ status: 0 });
  const [head, ...rows] = predicted.stdout.trim().split('\n');
  expect(head).toBe('case,strength');
  const [rising, falling] = rows.map((row) => Number(row.split(',')[1]));
  expect(Math.abs(rising - 110)).toBeLessThan(3);
  expect(Math.abs(falling - 90)).toBeLessThan(3);
});

it('evaluates numbers in float32 only', async () => {
  const { status, stderr } = await run('evaluate', '--model', 'run', '--data', '.', '--precision', 'int8');
  expect(status).toBe(1);
  expect(stderr).toContain('--precision was int8; it must be float32 for a model of regression');
});

it('names a column of targets that is not there', async () => {
  const { status, stderr } = await run('train', '--data', '.', '--target-column', 'strenght');
  expect(status).not.toBe(0);
  expect(stderr).toContain("'strenght'");
});

it('compares and inspects forecasters, and says that nothing explains a forecast', async () => {
  const rows = Array.from({ length: 160 }, (_, t) => `${t},${(20 + 3 * Math.sin((2 * Math.PI * t) / 12)).toFixed(4)}`);
  await writeFile(join(folder, 'waves.csv'), ['time,level', ...rows].join('\n'));
  const task = ['--task', 'forecasting', '--length', '16', '--horizon', '4', '--patch-length', '4'];
  const options = ['--data', 'waves.csv', ...task, ...small, '--epochs', '1', '--seeds', '1', '--head-cases', '2'];
  const compared = await run('compare', ...options, '--forms', 'softmax,bn', '--output', 'forecasts', '--json');
  expect({ status: compared.status, stderr: compared.stderr }).toMatchObject({ status: 0 });
  const { results, baselines } = JSON.parse(compared.stdout) as { results: object[]; baselines: { mse: number }[] };
  const scores = { mse: expect.any(Number) as number, mae: expect.any(Number) as number };
  expect(results).toMatchObject(
    ['softmax', 'bn'].map((form) => ({ data: 'waves', form, testScores: { last: scores, validation: scores } })),
  );
  for (const { mse } of baselines) expect(mse).toBeLessThan(0.01);

  const again = await run('compare', ...options, '--forms', 'softmax,bn', '--output', 'forecasts');
  expect(again.stderr).toContain('2 runs, 2 already finished');
  expect(again.stdout).toContain('(seasonal naive, period 12)');

  const model = ['--model', 'forecasts/runs/waves-bn-0'];
  const inspected = await run('inspect', ...model, '--data', 'waves.csv', '--cases', '2');
  expect({ status: inspected.status, stderr: inspected.stderr }).toMatchObject({ status: 0 });
  expect(inspected.stdout).toContain('overlap of maps');
  const explained = await run('predict', ...model, '--input', 'waves.csv', '--explain', '2');
  expect(explained.status).not.toBe(0);
  expect(explained.stderr).toContain('--explain was given for the forecaster');
  const held = await run('compare', ...options, '--validation', '0.2');
  expect({ status: held.status, stderr: held.stderr }).toMatchObject({ status: 2 });
  expect(held.stderr).toContain('--validation was 0.2 for forecasting');
}, 120_000);

describe('numbers of images and tokens', () => {
  const brief = [...small, '--epochs', '1'];

  beforeAll(async () => {
    await mkdir(join(folder, 'images'));
    for (const [part, cases] of [
      ['train', 8],
      ['t10k', 4],
    ] as const) {
      const targets = Array.from({ length: cases }, (_, index) => index / 2);
      const pixels = targets.flatMap((target) => new Array<number>(16).fill(20 * target));
      await writeIdx(join(folder, `images/${part}-images-idx3-ubyte`), [cases, 4, 4], pixels);
      await writeIdx(join(folder, `images/${part}-labels-idx1-float`), [cases], targets, 13);
    }
  });

  it.each([
    ['images', ['--data', 'images', '--patch-size', '2'], 'images/t10k-images-idx3-ubyte', 4],
    ['tokens', ['--data', 'ListOps:20:5:5-9', '--task', 'regression'], 'expressions.txt', 2],
  ] as const)('%s are trained on, evaluated and predicted', async (name, data, input, cases) => {
    await writeFile(join(folder, 'expressions.txt'), '[MAX 1 2 ]\n[SM 9 [MIN 3 4 ] ]\n');
    const trained = await run('train', ...data, ...brief, '--output', name);
    expect(trained).toMatchObject({ status: 0 });
    expect(trained.stderr).toContain('label from 0 to');
    const evaluated = await run('evaluate', '--model', name, ...data.slice(0, 2), '--json');
    expect(evaluated).toMatchObject({ status: 0 });
    expect(JSON.parse(evaluated.stdout)).toHaveProperty('rmse');
    const predicted = await run('predict', '--model', name, '--input', input, '--explain', '2', '--json');
    expect(predicted).toMatchObject({ status: 0 });
    const { predictions } = JSON.parse(predicted.stdout) as { predictions: { value: number; positions: object[] }[] };
    expect(predictions.map(({ value, positions }) => [typeof value, positions.length])).toEqual(
      new Array(cases).fill(['number', 2]),
    );
    const inspected = await run('inspect', '--model', name, ...data.slice(0, 2), '--cases', '2');
    expect(inspected).toMatchObject({ status: 0 });
  });

  it('are compared, in processes of their own', async () => {
    const args = ['--data', 'ListOps:20:5:5-9', '--task', 'regression', '--forms', 'bn', '--seeds', '1', '--json'];
    const { status, stdout, stderr } = await run('compare', ...args, ...brief, '--output', 'compared');
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ testScores: { last: { rmse: expect.any(Number) as number } } }],
    });
  });

  it('says which label is no number', async () => {
    await mkdir(join(folder, 'named'));
    for (const part of ['TRAIN', 'TEST']) {
      await writeFile(join(folder, `named/N_${part}.ts`), '@classLabel true up 2\n@data\n1,2:up\n2,1:2\n');
    }
    const { status, stderr } = await run('train', '--data', 'named', '--task', 'regression', ...brief);
    expect(status).toBe(1);
    expect(stderr).toContain("named: the label 'up' is no number; --task regression learns numbers");
  });
});
