import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { inspectModel, type InspectOptions, type ModelInspection } from '../analysis/inspectModel.js';
import { inspectPage } from '../analysis/inspectPage.js';
import {
  costColumns,
  costRows,
  redundancyColumns,
  redundancyRows,
  supportColumns,
  supportRows,
} from '../analysis/inspectTables.js';
import type { ReadOptions } from '../data/readOptions.js';
import { spreadIndices } from '../data/spreadIndices.js';
import { markdownTable } from '../report/markdownTable.js';
import { percent } from '../report/numbers.js';
import { makeFolder } from '../files/makeFolder.js';
import { writeTogether } from '../files/writeTogether.js';
import { number as numberRule } from '../checks/rules.js';
import { folders, integer, nonEmpty, number } from './arguments.js';
import { addDownloadFlag, type DownloadOptions } from './downloadFlag.js';
import { fitToModel, fittingCases, type Longer } from '../data/fitToModel.js';
import { checkTask } from './checkTask.js';
import { addLongerOption } from './longerOption.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { forecastOptionsOfModel } from './forecastFlags.js';
import { loadClassifier } from './loadClassifier.js';
import { openDataset } from './openDataset.js';
import { Output } from './output.js';
import { addReadOptions, readOptionsOf } from './readFlags.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { startKernels } from './startKernels.js';

interface CommandOptions extends ComputeOptions, ReadOptions, DownloadOptions {
  model: string[];
  data: string;
  longer: Longer;
  cases: number;
  maps: number;
  share: number;
  batchSize: number;
  output?: string;
}

const shareRule = numberRule((x) => x > 0 && x <= 1, 'above 0 and up to 1');

/** Short names that tell the models apart: their forms, with the folders where forms are the same. */
function labelsOf(models: readonly { form: string; folder: string }[]): string[] {
  const names = (of: (model: { form: string; folder: string }) => string) => models.map(of);
  const choices = [
    names(({ form }) => form),
    names(({ form, folder }) => `${form} (${basename(resolve(folder))})`),
    names(({ form, folder }) => `${form} (${folder})`),
  ];
  return choices.find((labels) => new Set(labels).size === labels.length) ?? choices[0];
}

async function inspect(options: CommandOptions): Promise<void> {
  const output = new Output(options);
  const { threads } = await startKernels(options, output);
  const saved = await Promise.all(options.model.map(async (folder) => ({ folder, ...(await loadClassifier(folder)) })));
  const { reading } = saved[0].metadata;
  const { name, test } = await openDataset(options.data, output, {
    read: readOptionsOf(options),
    reading,
    whole: true,
    task: saved[0].metadata.task,
    forecast: forecastOptionsOfModel(saved[0].metadata, readOptionsOf(options)),
    download: options.download,
  });
  const available = test.labels.length;
  const { share, batchSize: batch } = options;
  const [cases, shown] = [options.cases, options.maps].map((count) => spreadIndices(count, available));
  const chosen: InspectOptions = { cases, shown, share, batch };
  const loaded = saved.map(({ folder, model, metadata, length, prepare }) => {
    checkTask(options.data, test, metadata);
    const fitting = fitToModel(options.data, test, fittingCases(metadata, length), options.longer);
    return { folder, model, form: metadata.form, data: prepare(fitting) };
  });
  const labels = labelsOf(loaded);
  const models: ModelInspection[] = [];
  for (const [index, { model, folder, data }] of loaded.entries()) {
    output.say(`inspecting ${folder} (${index + 1}/${loaded.length}) ...`);
    models.push(await inspectModel(labels[index], model, data, chosen));
  }
  const task = taskOf('inspect', test);
  const described = new Map(shown.map((index) => [index, task.describeCase(test, index)]));
  const report = options.output ?? join(options.model[0], 'inspect.html');
  const facts = { data: name, cases: cases.length, available, share, batch, threads, described };
  await makeFolder(dirname(report));
  await writeTogether(new Map([[report, await inspectPage(models, facts)]]));
  const document = {
    data: name,
    cases,
    share,
    models: models.map(({ label, parameters, redundancy, overlap, support, costs }, index) => {
      const { folder, form } = loaded[index];
      return { model: folder, form, label, parameters, redundancy, overlap, support, costs };
    }),
    report,
  };
  output.result(document, [
    'Head redundancy: L2 distance between the outputs of two heads (larger: less redundant), and overlap of what they attend',
    'to (smaller: less redundant), mean ± std over pairs',
    markdownTable(redundancyColumns, redundancyRows(models)),
    '',
    `Support: keys that carry ${percent(share)} of a query's weight, and entropy in nats, mean over heads`,
    markdownTable(supportColumns, supportRows(models)),
    '',
    `Costs of a batch of ${batch}, against the same model with softmax attention`,
    markdownTable(costColumns, costRows(models)),
    '',
    `${cases.length} of ${available} test cases of ${name}`,
    `Report  ${report}`,
  ]);
}

/** The command `inspect`. */
export function inspectCommand(): Command {
  const command = new Command('inspect')
    .description('Inspect trained models: how redundant their heads are, what they attend to, and what they cost.')
    .requiredOption(
      '--model <folders>',
      'folders of saved models, separated by commas; they are shown side by side',
      folders,
    )
    .requiredOption(
      '--data <name or folder>',
      'a known data set, or a folder such as one with NAME_TRAIN.ts and NAME_TEST.ts',
      nonEmpty,
    )
    .option('--cases <n>', 'number of test cases to average over, evenly spaced', integer(1), 32)
    .option('--maps <n>', 'number of test cases to show attention maps of', integer(1), 1)
    .option('--share <x>', "share of a query's weight that its support carries", number(shareRule), 0.9)
    .option('--batch-size <n>', 'batch size for the costs', integer(1, 1_000_000), 16)
    .option('--output <file>', 'report file (default: inspect.html in the folder of the first model)', nonEmpty);
  addReadOptions(addLongerOption(command));
  return addComputeOptions(addDownloadFlag(command.optionsGroup('Options:')))
    .addHelpText(
      'after',
      '\nExamples:\n  $ primal-attention inspect --model runs/mine --data JapaneseVowels --output inspect.html' +
        '\n  $ primal-attention inspect --model runs/softmax,runs/bn,runs/sh --data JapaneseVowels --cases 100',
    )
    .action(inspect);
}
