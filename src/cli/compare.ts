import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { compareForms, type Comparison } from '../experiments/compareForms.js';
import { comparisonMarkdown, comparisonPage } from '../experiments/comparisonReport.js';
import { formNames } from '../experiments/forms.js';
import { type BestModel, keepBest } from '../experiments/keepBest.js';
import type { Protocol } from '../experiments/runConfig.js';
import { RunStore } from '../experiments/runStore.js';
import { summarize, testAgainst } from '../experiments/summary.js';
import { timeSeriesClassifierDefaults as defaults } from '../models/timeSeriesClassifier.js';
import { fitDefaults } from '../training/fit.js';
import { scheduleNames } from '../training/schedules.js';
import { writeTogether } from '../training/writeTogether.js';
import { integer, list, number } from './arguments.js';
import { compareDisplay } from './compareDisplay.js';
import { Output, type OutputOptions, percent } from './output.js';
import { packageFacts } from './packageFacts.js';
import { UsageError } from './usageError.js';

interface CommandOptions extends OutputOptions, Protocol {
  data: string[];
  forms: string[];
  seeds: number;
  jobs?: number;
  threads?: number;
  fresh?: boolean;
  output: string;
}

/** Runs the comparison until it ends or Ctrl-C is pressed. */
async function perform(options: CommandOptions, output: Output): Promise<Comparison> {
  const interruption = new AbortController();
  const interrupt = () =>
    interruption.abort(
      new Error(`interrupted; finished runs are kept in ${options.output}, and the same command goes on from there`),
    );
  const display = compareDisplay(output);
  process.once('SIGINT', interrupt);
  try {
    const { signal } = interruption;
    return await compareForms({ ...options, version: packageFacts().version, signal, onEvent: display.onEvent });
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
  if (options.width % options.heads !== 0) {
    throw new UsageError(`--heads was ${options.heads}; it must divide --width, ${options.width}`);
  }
  const [baseline] = options.forms;
  await mkdir(options.output, { recursive: true }); // a folder that cannot be made is better known before training
  const comparison = await perform(options, output);
  const { records, failed } = comparison;
  const at = (name: string) => join(options.output, name);
  const best = await keepBest(at('best'), records, new RunStore(at('runs')));
  const { epochs, width, feedForward, heads, layers, batchSize, learningRate, schedule, dropout, validation } = options;
  const protocol = {
    epochs,
    width,
    feedForward,
    heads,
    layers,
    batchSize,
    learningRate,
    schedule,
    dropout,
    validation,
  };
  const input = { ...comparison, protocol, baseline, best };
  const document = {
    results: records.map(({ config: { data, form, seed }, parameters, seconds, testAccuracy }) => ({
      ...{ data, form, seed, parameters, seconds, testAccuracy },
    })),
    summary: summarize(records),
    tests: testAgainst(baseline, records),
    failed,
    best,
    protocol,
    report: at('report.html'),
  };
  const markdown = comparisonMarkdown(input);
  await writeTogether(
    new Map([
      [at('results.json'), `${JSON.stringify(document, null, 2)}\n`],
      [at('table.md'), `${markdown}\n`],
      [at('report.html'), await comparisonPage(input)],
    ]),
  );
  const models = best.length > 0 ? best.map(describe) : ['No best model, as nothing was held out to choose it'];
  output.result(document, [markdown, '', `Report      ${at('report.html')}`, ...models]);
  if (failed.length > 0) {
    const total = records.length + failed.length;
    const reasons = failed.map(({ data, form, seed, error }) => `\n  ${data}, ${form}, seed ${seed}: ${error}`);
    throw new Error(`${failed.length} of ${total} runs failed:${reasons.join('')}`);
  }
}

/** The command `compare`. */
export function compareCommand(): Command {
  return new Command('compare')
    .description('Compare forms of attention on data sets: accuracy, time and parameters over several seeds.')
    .requiredOption(
      '--data <names or folders>',
      'data sets, parted by commas: known ones, or folders with NAME_TRAIN.ts and NAME_TEST.ts',
      list,
    )
    .option(
      '--forms <forms>',
      `forms of attention, parted by commas; the others are tested against the first: ${formNames.join(', ')}`,
      list,
      ['softmax', 'bn', 'sh', 'bn+sh'],
    )
    .option('--seeds <n>', 'runs of each form on each data set, from seed 0 on', integer(1), 3)
    .option('--epochs <n>', 'times through the training data', integer(1), fitDefaults.epochs)
    .option('--width <n>', 'width of the encoder', integer(1), defaults.width)
    .option('--feed-forward <n>', 'width inside the feed-forward part', integer(1), defaults.feedForward)
    .option('--heads <n>', 'attention heads; they divide the width', integer(1), defaults.heads)
    .option('--layers <n>', 'encoder layers', integer(1), defaults.layers)
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
      '--dropout <x>',
      'rate',
      number((x) => x >= 0 && x < 1, '0 or more and below 1'),
      defaults.dropout,
    )
    .option(
      '--validation <x>',
      'share of the training part that is held out to choose the number of epochs; 0: none is chosen',
      number((x) => x >= 0 && x < 1, '0 or more and below 1'),
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
