import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runCommand, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const run = (...args: string[]) => runCommand(folder, args);

const rows = (count: number) =>
  Array.from(
    { length: count },
    (_, t) => `${2000 + t},${Math.sin(t / 3).toFixed(4)},${(5 + Math.cos(t / 3)).toFixed(4)}`,
  );

beforeAll(async () => {
  await writeFile(join(folder, 'waves.csv'), ['time,u,v', ...rows(160), ''].join('\n'));
  await writeFile(
    join(folder, 'new.csv'),
    [
      'v,time,u',
      ...rows(9).map((row) => {
        const [time, u, v] = row.split(',');
        return [v, time, u].join(',');
      }),
      '',
    ].join('\n'),
  );
});

it('trains, evaluates and forecasts what comes after a table', async () => {
  const windows = ['--task', 'forecasting', '--length', '8', '--horizon', '3'];
  const trained = await run('train', '--data', 'waves.csv', ...windows, ...small, '--epochs', '1', '--output', 'run');
  expect(trained).toMatchObject({ status: 0 });

  const evaluated = await run('evaluate', '--model', 'run', '--data', 'waves.csv', '--json');
  expect({ status: evaluated.status, stderr: evaluated.stderr }).toMatchObject({ status: 0 });
  expect(JSON.parse(evaluated.stdout)).toHaveProperty('mse');

  const predicted = await run('predict', '--model', 'run', '--input', 'new.csv', '--json');
  expect({ status: predicted.status, stderr: predicted.stderr }).toMatchObject({ status: 0 });
  const { predictions } = JSON.parse(predicted.stdout) as { predictions: object[] };
  expect(predictions).toMatchObject([{ times: ['2009', '2010', '2011'] }]);

  const levels = Array.from({ length: 8 }, (_, t) => [Math.sin(t / 3), 5 + Math.cos(t / 3)]);
  await writeFile(join(folder, 'new.json'), JSON.stringify([levels, levels]));
  const both = await run('predict', '--model', 'run', '--input', 'new.json', '--json');
  expect({ status: both.status, stderr: both.stderr }).toMatchObject({ status: 0 });
  const { predictions: twice } = JSON.parse(both.stdout) as { predictions: { case: number; forecast: object }[] };
  expect(twice.map((one) => one.case)).toEqual([1, 2]);
  expect(twice[1].forecast).toEqual(twice[0].forecast);
  await writeFile(join(folder, 'gap.json'), JSON.stringify([[[1, null], ...levels.slice(1)]]));
  const gap = await run('predict', '--model', 'run', '--input', 'gap.json');
  expect(gap).toMatchObject({ status: 1 });
  expect(gap.stderr).toContain('gap.json: case 1 was NaN at position 1, channel 2');
  const directory = await run('train', '--data', '.', ...windows);
  expect(directory).toMatchObject({ status: 1 });
  expect(directory.stderr).toContain(': is a folder; a table to forecast is one file');

  await writeFile(join(folder, 'short.csv'), ['time,u,v', ...rows(3), ''].join('\n'));
  const short = await run('predict', '--model', 'run', '--input', 'short.csv');
  expect(short.status).toBe(1);
  expect(short.stderr).toContain('it must have at least 8');
});
