// The program of a process that performs one run and exits.

import type { Dataset } from '../data/labelledData.js';
import { loadForecast } from '../data/forecast/loadForecast.js';
import { loadDataset } from '../data/loadDataset.js';
import { init } from '../ops/init.js';
import { arithmetic } from './arithmetic.js';
import { fingerprint } from './fingerprint.js';
import { unpackDataset } from './packDataset.js';
import type { RunMessage, RunTask } from './runProcess.js';
import { trainRun } from './trainRun.js';

function load({ source, read, forecast, packed, config }: RunTask): Promise<Dataset> {
  if (packed) return unpackDataset(source);
  return forecast
    ? loadForecast(source, forecast)
    : loadDataset(source, { read, ...(config.task === 'regression' && { task: config.task }) });
}

async function prepare(task: RunTask): Promise<Dataset> {
  const { source, config, threads, wide } = task;
  const dataset = await load(task);
  if (fingerprint(dataset) !== config.fingerprint) {
    throw new Error(`${source}: the data has changed since the comparison began; start it again`);
  }
  await init({ threads, wide });
  return dataset;
}

const failed = (error: unknown, elsewhere: boolean): RunMessage => {
  return { kind: 'failed', error: error instanceof Error ? error.message : String(error), elsewhere };
};

async function run(task: RunTask): Promise<RunMessage> {
  let dataset: Dataset;
  try {
    dataset = await prepare(task);
  } catch (error) {
    return failed(error, true);
  }
  try {
    const { config, folder } = task;
    const result = await trainRun(dataset, config, folder, (progress) => process.send!({ kind: 'progress', progress }));
    return { kind: 'done', result, arithmetic: await arithmetic() };
  } catch (error) {
    // The system's errors have a code: no room on the disk, no memory. All else would be the same on another machine.
    return failed(error, (error as NodeJS.ErrnoException).code !== undefined);
  }
}

process.once('message', (task: RunTask) => {
  void run(task).then((message) => process.send!(message, () => process.exit()));
});
// Ctrl-C in a terminal reaches every process of the group: the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
