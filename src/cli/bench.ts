import { Command, InvalidArgumentError, Option } from 'commander';
import type { AttentionShape } from '../benchmarks/attentionCalls.js';
import { spread } from '../benchmarks/timing.js';
import { benchmarkEfforts, type BenchmarkResult, measureGroup } from '../benchmarks/benchmark.js';
import { benchmarkGroups, rowName } from '../benchmarks/benchmarkRows.js';
import { lossText, vanishedNote } from '../benchmarks/lossTrace.js';
import { describe, machine } from '../benchmarks/machine.js';
import { init } from '../ops/init.js';
import type { Columns } from '../report/html.js';
import { markdownTable } from '../report/markdownTable.js';
import { counted } from '../checks/counted.js';
import { fourDigits, percent } from '../report/numbers.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { Output } from './output.js';
import { nonEmpty } from './arguments.js';
import { UsageError } from './usageError.js';

interface BenchOptions extends ComputeOptions {
  shape: AttentionShape;
  filter?: string;
  quick?: boolean;
}

function parseShape(text: string): AttentionShape {
  const sizes = text.split('x').map(Number);
  if (/^\d+(x\d+){3}$/.test(text) && sizes.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    return sizes as unknown as AttentionShape;
  }
  throw new InvalidArgumentError('It must be BxHxNxD: four integers of at least 1, such as 1x8x512x64.');
}

const columns: Columns<BenchmarkResult> = {
  columns: [
    ['what', -14, ({ what }) => what],
    ['shape', -12, ({ shape }) => shape],
    ['pass', -16, ({ pass }) => pass],
    ['form', -12, ({ form }) => form],
    ['ms', 8, ({ milliseconds }) => fourDigits(milliseconds)],
    ['±', 5, ({ milliseconds: median, quartiles }) => percent(spread({ median, quartiles }))],
    ['GFLOP/s', 7, ({ gflops }) => gflops.toFixed(1)],
    ['/softmax', 8, ({ relative }) => relative?.toFixed(3) ?? ''],
    ['loss', 13, ({ loss }) => (loss ? lossText(loss) : '')],
  ],
};

/** A note, if the loss of training steps vanished while they were measured. */
function vanished({ loss, ...row }: BenchmarkResult): string | undefined {
  return loss && vanishedNote(rowName(row), loss);
}

async function bench(options: BenchOptions): Promise<void> {
  const output = new Output(options);
  const { shape, filter = '', quick = false } = options;
  const groups = benchmarkGroups(shape, filter);
  if (groups.length === 0) {
    const names = benchmarkGroups(shape, '').map(({ rows }) => `'${rowName(rows[0])}'`);
    throw new UsageError(`--filter was '${filter}'; no row has these words: rows are ${names.join(', ')}, ...`);
  }
  const host = machine();
  const info = await init({ threads: options.threads, wide: options.wide });
  const { build, threads } = info;
  const results: BenchmarkResult[] = [];
  for (const { rows, ...group } of groups) {
    output.say(`measuring ${rows[0].what}, ${rows[0].pass} ...`);
    results.push(...(await measureGroup({ rows, ...group }, quick ? benchmarkEfforts.quick : benchmarkEfforts.full)));
  }
  const notes = [...info.notes, ...results.flatMap((result) => vanished(result) ?? [])];
  output.result({ machine: host, build, threads, notes, quick, results }, [
    `${describe(host)}; build ${build} on ${counted(threads, 'thread')}`,
    ...notes,
    '',
    markdownTable(columns, results),
    '',
    'ms: median of single calls; ±: half the interquartile range; /softmax: time relative to softmax, measured in turns.',
    ...(quick ? ['Figures of --quick only show that everything works; do not quote them.'] : []),
    "`npm run bench` in the repository compares with TensorFlow.js, other runtimes and the machine's roofline.",
  ]);
}

/** The command `bench`. */
export function benchCommand(): Command {
  const command = new Command('bench')
    .description('Benchmark forms of attention and training steps on this machine.')
    .addOption(
      new Option('--shape <BxHxNxD>', 'batch, heads, positions and head width of attention')
        .argParser(parseShape)
        .default([1, 8, 512, 64], '1x8x512x64'),
    )
    .option('--filter <words>', 'only rows whose name has all these words, such as "attention bn"', nonEmpty)
    .option('--quick', 'fewer repetitions, for a quick look');
  return addComputeOptions(command)
    .addHelpText(
      'after',
      '\nExamples:\n  $ primal-attention bench --quick' +
        '\n  $ primal-attention bench --shape 1x8x4096x64 --filter "attention forward" --threads 1 --json',
    )
    .action(bench);
}
