import { join } from 'node:path';
import { Command } from 'commander';
import { kindOf } from '../data/labelledData.js';
import { RunFolder } from '../training/runFolder.js';
import { type Arithmetic, arithmetic } from '../experiments/arithmetic.js';
import { compareForms, type Comparison } from '../experiments/compareForms.js';
import { dataBaselines } from '../experiments/dataBaselines.js';
import { type BestModel, keepBest } from '../experiments/keepBest.js';
import { localPlace } from '../experiments/localPlace.js';
import { protocolOf } from '../experiments/runConfig.js';
import type { Source } from '../experiments/runPlace.js';
import { RunStore } from '../experiments/runStore.js';
import { writeComparison } from '../experiments/writeComparison.js';
import { init } from '../ops/init.js';
import { exactly, scores } from '../training/scores.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { compareDisplay } from './compareDisplay.js';
import { addCompareOptions, type CompareOptions } from './compareOptions.js';
import { applyConfigFile } from './configFile.js';
import { checkTask } from './checkTask.js';
import { forecastOptionsOf, forecastValidation } from './forecastFlags.js';
import { Interruption } from './interruption.js';
import { openDataset } from './openDataset.js';
import { Output } from './output.js';
import { packageFacts } from './packageFacts.js';
import { readOptionsOf } from './readFlags.js';
import { useQueue } from './useQueue.js';
import { checkSizes } from './sizeOptions.js';
import { UsageError } from './usageError.js';

/** The command's options, with those of a config file where no flag is given. */
async function readOptions(command: Command): Promise<CompareOptions> {
  const { config } = command.opts<CompareOptions>();
  if (config !== undefined) await applyConfigFile(command, config, ['config']);
  const options = command.opts<CompareOptions>();
  for (const name of ['jobs', 'threads'] as const) {
    if (options.queue === undefined || options[name] === undefined) continue;
    const instead = name === 'jobs' ? '--concurrency' : '--threads';
    throw new UsageError(`--${name} was ${options[name]} with --queue; give each worker its ${instead} instead`);
  }
  if (options.task === 'forecasting' && command.getOptionValueSource('validation') !== 'default') {
    throw new UsageError(forecastValidation(options.validation));
  }
  return options;
}

async function loadSources(options: CompareOptions, output: Output): Promise<Source[]> {
  if (!options.data) throw new UsageError("required option '--data <names or folders>' not specified");
  const read = readOptionsOf(options);
  const forecast = forecastOptionsOf(options);
  const sources: Source[] = [];
  for (const source of options.data) {
    const { task, download } = options;
    const dataset = await openDataset(source, output, { read, forecast, task, download });
    checkSizes(dataset.name, kindOf(dataset.train), options);
    checkTask(source, dataset.train, { task: task ?? taskOf(source, dataset.train).name });
    sources.push({ dataset, source, read, forecast });
  }
  return sources;
}

/** What all runs of a comparison share. */
interface Common {
  data: Source[];
  /** Whether all processes of this machine compute in vectors of 256 bits. */
  wide: boolean;
  own: Arithmetic;
  output: Output;
}

/** Runs the comparison until it ends or Ctrl-C is pressed. */
async function perform(options: CompareOptions, { data, wide, own, output }: Common): Promise<Comparison> {
  const display = compareDisplay(output, own.build);
  const interruption = new Interruption(display.stop);
  const { signal } = interruption;
  const { version } = packageFacts();
  try {
    const { queue, fresh } = options;
    const compute = (place = localPlace({ ...options, wide })) =>
      compareForms({ ...options, data, place, sizes: options, version, signal, onEvent: display.onEvent });
    if (queue === undefined) return await compute();
    const asked = wide && options.wide !== true ? 'auto' : wide;
    return await useQueue({ url: queue, version, wide: asked, fresh, onNotice: display.notice }, compute);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw interruption.error(
      `interrupted; finished runs are in ${options.output}; the same command continues from there`,
    );
  } finally {
    interruption.stop();
    display.stop();
  }
}

function describe({ data, form, seed, chosen, score, testScore, folder }: BestModel): string {
  return (
    `Best model  ${folder} (${form}, seed ${seed}; ${data}: test ${scores[score].title} ${exactly(score, testScore)})\n` +
    `            chosen by the ${chosen}`
  );
}

async function compare(options: CompareOptions): Promise<void> {
  const output = new Output(options);
  const data = await loadSources(options, output);
  // Once for all processes, which compute with the same build.
  const { wide } = await init({ threads: 1, wide: options.wide });
  const common = { data, wide, own: await arithmetic(), output };
  await RunFolder.use(options.output, () => compareInFolder(options, common));
}

/** Performs the comparison, and keeps and tells what it found. */
async function compareInFolder(options: CompareOptions, common: Common): Promise<void> {
  const { own, output } = common;
  const [baseline] = options.forms;
  const comparison = await perform(options, common);
  const { records, failed } = comparison;
  const folder = (name: string) => join(options.output, name);
  const best = await keepBest(folder('best'), records, new RunStore(folder('runs')));
  const protocol = protocolOf(options);
  const baselines = common.data.flatMap(({ dataset }) => dataBaselines(dataset));
  const { document, markdown } = await writeComparison(options.output, {
    ...{ ...comparison, protocol, baseline, baselines, best, own },
  });
  const none = `No best model, as ${protocol.validation === 0 && options.task !== 'forecasting' ? 'no data was held out to choose it' : 'no run has finished'}`;
  output.result(document, [
    ...[markdown, '', `Report      ${document.report}`],
    ...(best.length > 0 ? best.map(describe) : [none]),
  ]);
  if (failed.length > 0) {
    const total = records.length + failed.length;
    const reasons = failed.map(({ data, form, seed, error }) => `\n  ${data}, ${form}, seed ${seed}: ${error}`);
    throw new Error(`${failed.length} of ${total} runs failed:${reasons.join('')}`);
  }
}

/** The command `compare`. */
export function compareCommand(): Command {
  return addCompareOptions(new Command('compare'))
    .description('Compare forms of attention on data sets: accuracy, time and parameters over several seeds.')
    .addHelpText(
      'after',
      '\nFinished runs are not repeated: the same command continues a comparison that was interrupted.' +
        '\n\nExamples:' +
        '\n  $ primal-attention compare --data JapaneseVowels --seeds 3' +
        '\n  $ primal-attention compare --data JapaneseVowels,path/to/mine --forms softmax,linear,bn --output runs/mine' +
        '\n  $ primal-attention compare --config comparison.json --jobs 8' +
        '\n  $ primal-attention compare --data JapaneseVowels --seeds 50 --queue redis://server:6379',
    )
    .action(async (_: unknown, command: Command) => compare(await readOptions(command)));
}
