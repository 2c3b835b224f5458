// The program of a process that performs one run and exits.

import { loadDataset } from '../data/loadDataset.js';
import { init } from '../ops/init.js';
import { fingerprint } from './fingerprint.js';
import type { RunMessage, RunTask } from './runProcess.js';
import { trainRun } from './trainRun.js';

async function run({ source, read, config, folder, threads, wide }: RunTask): Promise<RunMessage> {
  const dataset = await loadDataset(source, { read });
  if (fingerprint(dataset) !== config.fingerprint) {
    throw new Error(`${source}: the data has changed since the comparison began; start it again`);
  }
  await init({ threads, wide });
  const result = await trainRun(dataset, config, folder, (progress) => process.send!({ kind: 'progress', progress }));
  return { kind: 'done', result };
}

process.once('message', (task: RunTask) => {
  void run(task)
    .catch((error: unknown): RunMessage => {
      return { kind: 'failed', error: error instanceof Error ? error.message : String(error) };
    })
    .then((message) => process.send!(message, () => process.exit()));
});
// Ctrl-C in a terminal reaches every process of the group: the parent decides what it means.
process.on('SIGINT', () => {});
process.on('disconnect', () => process.exit());
