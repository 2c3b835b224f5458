import { access } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command } from 'commander';
import { modelFlops } from '../analysis/modelFlops.js';
import { shiftImages } from '../data/augmentations.js';
import { type Dataset, kindOf, type LabelledData } from '../data/labelledData.js';
import { loadDataset } from '../data/loadDataset.js';
import { stratifiedSplit } from '../data/split.js';
import { channelStatistics, standardize } from '../data/standardize.js';
import { classifierFor } from '../experiments/classifierFor.js';
import { withSizes } from '../experiments/classifierSizes.js';
import { attentionOfForm } from '../experiments/forms.js';
import { mixSeed } from '../random.js';
import { init } from '../ops/init.js';
import { restoreCheckpoint } from '../training/checkpoint.js';
import { bestEpoch } from '../training/earlyStopping.js';
import { evaluate, type Evaluation } from '../training/evaluate.js';
import { fit } from '../training/fit.js';
import { metadataOf, setMetadata } from '../training/metadata.js';
import type { Progress } from '../training/progress.js';
import { bestCheckpoint, lastCheckpoint } from '../training/runFolder.js';
import { writeRunReport } from '../training/runReport.js';
import { save } from '../training/save.js';
import { applyConfigFile } from './configFile.js';
import { Interruption } from './interruption.js';
import { Output, percent } from './output.js';
import { progressReporter } from './progressReporter.js';
import { addTrainOptions, checkTrainOptions, type TrainOptions } from './trainOptions.js';
import { UsageError } from './usageError.js';

/** Options that a run does not depend on. */
const notOfTheRun = ['config', 'resume', 'output', 'threads', 'json', 'quiet'];

/** The command's options, with those of a config file, and of the run that is resumed, where no flag is given. */
async function readOptions(command: Command): Promise<TrainOptions> {
  const { config, resume, output } = command.opts<TrainOptions>();
  if (config !== undefined) await applyConfigFile(command, config, ['config', 'resume']);
  if (resume && output !== undefined) {
    const path = `${output}/config.json`;
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) await applyConfigFile(command, path, notOfTheRun);
  }
  const options = command.opts<TrainOptions>();
  checkTrainOptions(options);
  attentionOfForm(options.form); // an unknown one is better known before the data is loaded
  return options;
}

interface Parts {
  train: LabelledData;
  validation: LabelledData | undefined;
  test: LabelledData;
}

/** The parts of a data set, standardised with the statistics of the one that is trained on. */
function prepare({ train: all, test }: Dataset, { validation, seed }: TrainOptions) {
  const split = validation > 0 ? stratifiedSplit(all, validation, mixSeed(seed, 2)) : undefined;
  const train = split?.train ?? all;
  const statistics = channelStatistics(train);
  const parts: Parts = {
    train: standardize(train, statistics),
    validation: split && standardize(split.validation, statistics),
    test: standardize(test, statistics),
  };
  return { ...parts, statistics };
}

/** Sizes of the model, all that are not given by their defaults. */
function sizesOf(dataset: Dataset, options: TrainOptions) {
  const kind = kindOf(dataset.train);
  const sizes = withSizes(kind, options);
  if (sizes.width % sizes.heads !== 0) {
    throw new UsageError(`--heads was ${sizes.heads}; it must divide --width, ${sizes.width}`);
  }
  for (const name of ['shift', 'patchSize'] as const) {
    const flag = name === 'shift' ? '--shift' : '--patch-size';
    if (kind !== 'images' && options[name] !== undefined) {
      throw new UsageError(`${flag} was ${options[name]} for ${kind}; only images take it`);
    }
  }
  const { normalization, patchSize } = options;
  return { ...sizes, normalization, patchSize };
}

/** What the model does on the test part: after the last epoch, and after the best; the one to keep stays in the model. */
async function test(
  model: LayersModel,
  data: LabelledData,
  folder: string,
  history: Progress[],
  options: TrainOptions,
) {
  const at = async (checkpoint: string): Promise<Evaluation> => {
    await restoreCheckpoint(checkpoint, model);
    return evaluate(model, data);
  };
  const best = bestEpoch(history, options.monitor);
  const atBest = best && (await at(bestCheckpoint(folder)));
  const last = await at(lastCheckpoint(folder));
  if (atBest && options.restoreBestWeights) await restoreCheckpoint(bestCheckpoint(folder), model);
  return { best, atBest, last, kept: atBest && options.restoreBestWeights ? atBest : last };
}

async function train(options: TrainOptions): Promise<void> {
  const output = new Output(options);
  const dataset = await loadDataset(options.data!);
  const sizes = sizesOf(dataset, options);
  const { build } = await init({ threads: options.threads });
  const { name } = dataset;
  const { form, epochs, seed, batchSize } = options;
  const folder = options.output ?? `runs/${name}-${form}-${seed}`;
  await mkdir(folder, { recursive: true }); // a folder that cannot be made is better known before training

  const { train, validation, test: testPart, statistics } = prepare(dataset, options);
  const model = classifierFor(dataset, form, sizes, mixSeed(seed, 0));
  setMetadata(model, metadataOf(train, { data: name, form, statistics }));
  const parameters = model.countParams();
  const cases = train.labels.length;
  output.say(
    `${name}: ${cases} training, ${validation ? `${validation.labels.length} validation, ` : ''}` +
      `${testPart.labels.length} test cases, ${train.classNames.length} classes`,
  );
  output.say(`${form} attention, ${parameters} parameters, ${epochs} epochs, seed ${seed}, ${build} build`);

  const reporter = progressReporter(output, modelFlops(model, { batch: batchSize }).trainingStep / batchSize);
  const interruption = new Interruption(() => output.say('\nInterrupted: the run is kept after this batch ...'));
  const history = await fit(model, train, {
    ...{ epochs, batchSize, seed, optimizer: options.optimizer, learningRate: options.learningRate },
    ...{ schedule: options.schedule, warmupEpochs: options.warmupEpochs, weightDecay: options.weightDecay },
    ...{ momentum: options.momentum, clipNorm: options.clipNorm, labelSmoothing: options.labelSmoothing },
    ...{ classWeights: options.classWeights, monitor: options.monitor, patience: options.patience, validation },
    augmentation: options.shift === undefined ? undefined : shiftImages(options.shift),
    ...{ folder, resume: options.resume, signal: interruption.signal },
    config: { data: options.data, form, ...sizes, validation: options.validation, shift: options.shift },
    ...{ onBatchEnd: reporter.onBatchEnd, onEpochEnd: reporter.onEpochEnd },
  }).finally(() => {
    reporter.stop();
    interruption.stop();
  });
  if (interruption.signal.aborted) {
    const goOn = `primal-attention train --resume --output ${folder}`;
    throw interruption.error(`interrupted after ${history.length} of ${epochs} epochs; go on with: ${goOn}`);
  }

  const { best, atBest, last, kept } = await test(model, testPart, folder, history, options);
  await save(model, folder);
  const keptParts = [{ title: 'test part', evaluation: kept }];
  if (validation) keptParts.push({ title: 'validation part', evaluation: evaluate(model, validation) });
  const report = await writeRunReport(folder, {
    ...{ title: `${name}, ${form} attention, seed ${seed}`, classNames: train.classNames, parts: keptParts },
  });
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const samplesPerSecond = (history.length * cases) / seconds;
  const document = {
    ...{ data: name, form, seed, epochs: history.length, parameters, seconds, samplesPerSecond },
    testAccuracy: { last: last.accuracy, ...(atBest && { validation: atBest.accuracy }) },
    ...(best && { bestEpoch: best.epoch }),
    testMacroF1: kept.macroF1,
    ...{ output: folder, report },
    history: history.map(({ epoch, loss, accuracy, learningRate, seconds, validation }) => {
      return { epoch, loss, accuracy, learningRate, seconds, ...(validation && { validation }) };
    }),
  };
  const tested = `${testPart.labels.length} cases`;
  output.result(document, [
    `Test accuracy  ${percent(last.accuracy)} (${tested}, after the last epoch)`,
    ...(best && atBest
      ? [`               ${percent(atBest.accuracy)} (after epoch ${best.epoch}, the best on the validation part)`]
      : []),
    `Speed          ${samplesPerSecond.toFixed(0)} samples/s, ${seconds.toFixed(1)} s of training`,
    `Report         ${report}`,
    `Model          ${folder}`,
  ]);
}

/** The command `train`. */
export function trainCommand(): Command {
  return addTrainOptions(new Command('train'))
    .description('Train a transformer that classifies series, images or tokens, test it, and save it.')
    .addHelpText(
      'after',
      '\nThe folder of a run holds model.json and weights, config.json, metrics.jsonl, checkpoints and report.html.' +
        '\nCtrl-C keeps the run; --resume goes on with it, to the same end as if it had not been interrupted.' +
        '\n\nExamples:' +
        '\n  $ primal-attention train --data JapaneseVowels --epochs 40 --seed 1 --json' +
        '\n  $ primal-attention train --data path/to/mine --form bn+sh --validation 0.2 --patience 10 --output runs/mine' +
        '\n  $ primal-attention train --resume --output runs/mine' +
        '\n  $ primal-attention train --config runs/mine/config.json --seed 2',
    )
    .action(async (_: unknown, command: Command) => train(await readOptions(command)));
}
