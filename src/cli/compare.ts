import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { kindOf } from '../data/labelledData.js';
import { loadDataset } from '../data/loadDataset.js';
import { type ClassifierSizes, withSizes } from '../experiments/classifierSizes.js';
import { compareForms, type Comparison, type Source } from '../experiments/compareForms.js';
import { attentionOfForm, formNames } from '../experiments/forms.js';
import { type BestModel, keepBest } from '../experiments/keepBest.js';
import type { Protocol } from '../experiments/runConfig.js';
import { RunStore } from '../experiments/runStore.js';
import { writeComparison } from '../experiments/writeComparison.js';
import { fitDefaults } from '../training/fitOptions.js';
import { scheduleNames } from '../training/schedules.js';
import { integer, list, number, rate } from './arguments.js';
import { compareDisplay } from './compareDisplay.js';
import { Output, type OutputOptions, percent } from './output.js';
import { packageFacts } from './packageFacts.js';
import { addSizeOptions } from './sizeOptions.js';
import { UsageError } from './usageError.js';

interface CommandOptions extends OutputOptions, Protocol, Partial<ClassifierSizes> {
  data: string[];
  forms: string[];
  seeds: number;
  jobs?: number;
  threads?: number;
  fresh?: boolean;
  output: string;
}

async function loadSources(options: CommandOptions): Promise<Source[]> {
  const sources: Source[] = [];
  for (const source of options.data) {
    const dataset = await loadDataset(source);
    const { width, heads } = withSizes(kindOf(dataset.train), options);
    if (width % heads !== 0) {
      throw new UsageError(`--heads was ${heads}; it must divide --width, ${width} (${dataset.name})`);
    }
    sources.push({ dataset, source });
  }
  return sources;
}

/** Runs the comparison until it ends or Ctrl-C is pressed. */
async function perform(options: CommandOptions, data: Source[], output: Output): Promise<Comparison> {
  const interruption = new AbortController();
  const interrupt = () =>
    interruption.abort(
      new Error(`interrupted; finished runs are kept in ${options.output}, and the same command goes on from there`),
    );
  const display = compareDisplay(output);
  process.once('SIGINT', interrupt);
  try {
    return await compareForms({
      ...options,
      ...{ data, sizes: options, version: packageFacts().version },
      ...{ signal: interruption.signal, onEvent: display.onEvent },
    });
  } finally {
    process.removeListener('SIGINT', interrupt);
    display.stop();
  }
}

function describe({ data, form, seed, chosen, testAccuracy, folder }: BestModel): string {
  return (
    `Best model  ${folder} (${form}, seed ${seed}; ${data}: test accuracy ${percent(testAccuracy)})\n` +
    `            chosen by the ${chosen}`
  );
}

async function compare(options: CommandOptions): Promise<void> {
  const output = new Output(options);
  const [baseline] = options.forms;
  const data = await loadSources(options);
  await mkdir(options.output, { recursive: true }); // a folder that cannot be made is better known before training
  const comparison = await perform(options, data, output);
  const { records, failed } = comparison;
  const folder = (name: string) => join(options.output, name);
  const best = await keepBest(folder('best'), records, new RunStore(folder('runs')));
  const { epochs, batchSize, learningRate, schedule, validation } = options;
  const protocol = { epochs, batchSize, learningRate, schedule, validation };
  const { document, markdown } = await writeComparison(options.output, { ...comparison, protocol, baseline, best });
  const none = `No best model, as ${validation === 0 ? 'nothing was held out to choose it' : 'no run has finished'}`;
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

/** Names of forms, which are better checked before data is loaded. */
function forms(text: string): string[] {
  const names = list(text);
  names.forEach(attentionOfForm);
  return names;
}

/** The command `compare`. */
export function compareCommand(): Command {
  const command = new Command('compare')
    .description('Compare forms of attention on data sets: accuracy, time and parameters over several seeds.')
    .requiredOption(
      '--data <names or folders>',
      'data sets, parted by commas: known ones, or folders with NAME_TRAIN.ts and NAME_TEST.ts',
      list,
    )
    .option(
      '--forms <forms>',
      `forms of attention, parted by commas; the others are tested against the first: ${formNames.join(', ')}`,
      forms,
      ['softmax', 'bn', 'sh', 'bn+sh'],
    )
    .option('--seeds <n>', 'runs of each form on each data set, from seed 0 on', integer(1), 3)
    .option('--epochs <n>', 'times through the training data', integer(1), fitDefaults.epochs);
  return addSizeOptions(command)
    .option('--batch-size <n>', 'cases in a step', integer(1), fitDefaults.batchSize)
    .option(
      '--learning-rate <x>',
      'of RAdam',
      number((x) => x > 0, 'above 0'),
      fitDefaults.learningRate,
    )
    .addOption(
      new Option('--schedule <name>', 'course of the learning rate')
        .choices(scheduleNames)
        .default(fitDefaults.schedule),
    )
    .option(
      '--validation <x>',
      'share of the training part that is held out to choose the number of epochs; 0: none is chosen',
      rate,
      0.2,
    )
    .option('--output <folder>', 'where runs, report and best models are kept', 'runs/compare')
    .option('--jobs <n>', 'processes at a time (default: one for each core)', integer(1))
    .option('--threads <n>', 'threads of a process (default: the cores divided among the processes)', integer(1))
    .option('--fresh', 'do runs again that have been done')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but the result')
    .addHelpText(
      'after',
      '\nRuns that are done are not done again, so a comparison that was stopped goes on with the same command.' +
        '\n\nExamples:' +
        '\n  $ primal-attention compare --data JapaneseVowels --seeds 3' +
        '\n  $ primal-attention compare --data JapaneseVowels,path/to/mine --forms softmax,linear,bn --epochs 60 --output runs/mine',
    )
    .action(compare);
}
