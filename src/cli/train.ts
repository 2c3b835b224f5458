import { Command } from 'commander';
import { modelFlops } from '../analysis/modelFlops.js';
import { type Dataset, kindOf } from '../data/labelledData.js';
import { fitRun } from '../experiments/fitRun.js';
import { keepRun } from '../experiments/keepRun.js';
import { type PreparedRun, prepareRun } from '../experiments/prepareRun.js';
import { runName } from '../experiments/runPlan.js';
import { counted } from '../checks/counted.js';
import { init } from '../ops/init.js';
import type { Progress } from '../training/progress.js';
import { RunFolder } from '../training/runFolder.js';
import { trainingDefaults } from '../training/trainingOptions.js';
import { Interruption } from './interruption.js';
import { checkTask } from './checkTask.js';
import { forecastOptionsOf } from './forecastFlags.js';
import { taskOf } from '../training/tasks/taskOf.js';
import { openDataset } from './openDataset.js';
import { Output } from './output.js';
import { progressReporter } from './progressReporter.js';
import { readOptionsOf } from './readFlags.js';
import { readTrainOptions } from './readTrainOptions.js';
import { checkOfImages, checkSizes } from './sizeOptions.js';
import { shellQuoted } from '../checks/shellQuoted.js';
import { addTrainOptions, type TrainOptions } from './trainOptions.js';
import { trainResult } from './trainResult.js';

/** @throws UsageError if options do not go with the kind of data */
function checkKind({ name, train }: Dataset, options: TrainOptions): void {
  const kind = kindOf(train);
  checkSizes(name, kind, options);
  checkOfImages('--shift', options.shift, kind);
}

/** Trains in the folder of the run, and shows how it goes; throws if it is interrupted. */
async function fitInFolder(run: PreparedRun, folder: string, resume: boolean, output: Output): Promise<Progress[]> {
  const { model, plan, task } = run;
  const { epochs, batchSize = trainingDefaults.batchSize } = plan;
  const batch = Math.min(batchSize, run.parts.train.labels.length);
  const { stop, ...followers } = progressReporter(output, task, modelFlops(model, { batch }).trainingStep / batch);
  const interruption = new Interruption(() => output.say('\nInterrupted; saving the run after this batch ...'));
  const { signal } = interruption;
  const options = { folder, resume, signal, onWarning: (text: string) => output.warn(text), ...followers };
  const history = await fitRun(run, run.parts.validation, options).finally(() => {
    stop();
    interruption.stop();
  });
  if (!signal.aborted) return history;
  const command = `primal-attention train --resume --output ${shellQuoted(folder)}`;
  throw interruption.error(
    `interrupted after ${history.length} of ${counted(epochs, 'epoch')}; continue with: ${command}`,
  );
}

/** '72 training, 18 validation, 40 test cases' */
function countCases({ train, validation, test }: PreparedRun['parts']): string {
  const held = validation ? [`${validation.labels.length} validation`] : [];
  return [`${train.labels.length} training`, ...held, counted(test.labels.length, 'test case')].join(', ');
}

async function train(options: TrainOptions): Promise<void> {
  const output = new Output(options);
  const dataset = await openDataset(options.data, output, {
    ...{ read: readOptionsOf(options), forecast: forecastOptionsOf(options) },
    ...{ task: options.task, download: options.download },
  });
  checkTask(options.data, dataset.train, { task: options.task ?? taskOf('train', dataset.train).name });
  checkKind(dataset, options);
  const { build } = await init({ threads: options.threads, wide: options.wide });
  const { name } = dataset;
  const { form, seed, epochs, resume } = options;
  const folder = options.output ?? `runs/${runName({ data: name, form, seed })}`;
  await RunFolder.use(folder, async () => {
    const run = prepareRun(dataset, options);
    const parameters = run.model.countParams();
    output.say(`${name}: ${countCases(run.parts)}, ${run.task.describe(run.parts.train)}`);
    output.say(
      `${form} attention, ${counted(parameters, 'parameter')}, ${counted(epochs, 'epoch')}, seed ${seed}, ${build} build -> ${folder}`,
    );
    const history = await fitInFolder(run, folder, resume, output);
    const outcome = await keepRun(run, name, folder, history);
    output.result(...trainResult({ name, run, folder, history, outcome }));
  });
}

/** The command `train`. */
export function trainCommand(): Command {
  return addTrainOptions(new Command('train'))
    .description('Train a transformer that classifies series, images or tokens, test it, and save it.')
    .addHelpText(
      'after',
      '\nThe output folder gets model.json and its weights, config.json, metrics.jsonl, checkpoints and report.html.' +
        '\nCtrl-C saves the run; --resume continues it, with the same result as without the interruption.' +
        '\n\nExamples:' +
        '\n  $ primal-attention train --data JapaneseVowels --epochs 40 --seed 1 --json' +
        '\n  $ primal-attention train --data path/to/mine --form bn+sh --validation 0.2 --patience 10 --output runs/mine' +
        '\n  $ primal-attention train --resume --output runs/mine' +
        '\n  $ primal-attention train --config runs/mine/config.json --seed 2',
    )
    .action(async (_: unknown, command: Command) => train(await readTrainOptions(command)));
}
