import { Command } from 'commander';
import { init } from '../ops/init.js';
import { threads } from './arguments.js';
import { Output, type OutputOptions } from './output.js';

async function info(options: OutputOptions & { threads: number | 'auto' }): Promise<void> {
  const found = await init({ threads: options.threads });
  const lines = Object.entries(found).map(([key, value]) => `${key.padEnd(14)} ${[value].flat().join(', ')}`);
  new Output(options).result({ ...found, node: process.version }, [
    ...lines,
    `${'node'.padEnd(14)} ${process.version}`,
  ]);
}

/** The command `info`. */
export function infoCommand(): Command {
  return new Command('info')
    .description('Show what the kernels run on: SIMD, threads, versions.')
    .option('--threads <n>', 'threads to compute with', threads, 'auto')
    .option('--json', 'print one JSON document')
    .action(info);
}
