import { Command } from 'commander';
import { cacheFolder } from '../data/archive/cacheFolder.js';
import { machine } from '../benchmarks/machine.js';
import { init } from '../ops/init.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { Output } from './output.js';
import { packageFacts } from './packageFacts.js';

async function info(options: ComputeOptions): Promise<void> {
  const found = await init({ threads: options.threads, wide: options.wide });
  const { version } = packageFacts();
  const host = machine();
  const cache = await cacheFolder();
  const yes = (value: boolean) => (value ? 'yes' : 'no');
  const lines: [string, string][] = [
    ['primal-attention', version],
    ['processor', host.cpu],
    ['cores', `${host.parallelism}`],
    ['memory', `${(host.memory / 1e9).toFixed(1)} GB`],
    ['platform', host.platform],
    ['Node', `${host.node} (V8 ${host.v8})`],
    ['TensorFlow.js', found.tfjs],
    ['kernel build', found.build],
    ['threads', `${found.threads}`],
    ['shared memory', yes(found.sharedMemory)],
    ['relaxed SIMD', yes(found.relaxedSimd)],
    ['256-bit vectors', yes(found.wide)],
    ['downloads', cache],
    ['kernels', `${found.kernels.length} registered; --json names them`],
    ...found.notes.map((note): [string, string] => ['note', note]),
  ];
  new Output(options).result(
    { version, ...host, ...found, cache },
    lines.map(([name, value]) => `${name.padEnd(17)} ${value}`),
  );
}

/** The command `info`. */
export function infoCommand(): Command {
  return addComputeOptions(new Command('info'))
    .description('Show what the kernels run on: processor, memory, SIMD, threads and versions.')
    .addHelpText('after', '\nExample:\n  $ primal-attention info --json')
    .action(info);
}
