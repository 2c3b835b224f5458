import { mkdir } from 'node:fs/promises';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { Command } from 'commander';
import { modelFlops } from '../analysis/modelFlops.js';
import { shiftImages } from '../data/augmentations.js';
import { type Dataset, kindOf } from '../data/labelledData.js';
import { classifierFor } from '../experiments/classifierFor.js';
import { withSizes } from '../experiments/classifierSizes.js';
import { init } from '../ops/init.js';
import { mixSeed } from '../random.js';
import { restoreCheckpoint } from '../training/checkpoint.js';
import { bestEpoch } from '../training/earlyStopping.js';
import { evaluate } from '../training/evaluate.js';
import type { Evaluation } from '../training/evaluation.js';
import { fit } from '../training/fit.js';
import { metadataOf, setMetadata } from '../training/metadata.js';
import type { Progress } from '../training/progress.js';
import { bestCheckpoint, lastCheckpoint } from '../training/runFolder.js';
import { writeRunReport } from '../training/runReport.js';
import { save } from '../training/save.js';
import { Interruption } from './interruption.js';
import { openDataset } from './openDataset.js';
import { Output, percent } from './output.js';
import { progressReporter } from './progressReporter.js';
import { readTrainOptions } from './readTrainOptions.js';
import { addTrainOptions, type TrainOptions } from './trainOptions.js';
import { countCases, trainParts, type TrainParts } from './trainParts.js';
import { UsageError } from './usageError.js';

/** What the model of a data set's kind is given, with defaults for all sizes that are not. */
function modelOptions({ train }: Dataset, options: TrainOptions) {
  const kind = kindOf(train);
  const sizes = withSizes(kind, options);
  if (sizes.width % sizes.heads !== 0) {
    throw new UsageError(`--heads was ${sizes.heads}; it must divide --width, ${sizes.width}`);
  }
  const { normalization, patchSize, shift } = options;
  for (const [flag, value] of Object.entries({ '--patch-size': patchSize, '--shift': shift })) {
    if (value !== undefined && kind !== 'images') {
      throw new UsageError(`${flag} was ${value} for ${kind}; only images take it`);
    }
  }
  return { ...sizes, normalization, patchSize };
}

/** Trains in the folder of the run, which remembers all that the result depends on; throws if it is interrupted. */
async function fitInFolder(
  model: LayersModel,
  { train, validation }: TrainParts,
  options: TrainOptions,
  { folder, sizes, output }: { folder: string; sizes: ReturnType<typeof modelOptions>; output: Output },
): Promise<Progress[]> {
  const { epochs, batchSize, seed, optimizer, learningRate, schedule, warmupEpochs, weightDecay, momentum } = options;
  const { clipNorm, labelSmoothing, classWeights, monitor, patience, resume } = options;
  const { data, form, shift } = options;
  const reporter = progressReporter(output, modelFlops(model, { batch: batchSize }).trainingStep / batchSize);
  const interruption = new Interruption(() => output.say('\nInterrupted; the run is kept when the batch is done ...'));
  const history = await fit(model, train, {
    ...{ epochs, batchSize, seed, optimizer, learningRate, schedule, warmupEpochs, weightDecay, momentum, clipNorm },
    ...{ labelSmoothing, classWeights, augmentation: shift === undefined ? undefined : shiftImages(shift) },
    ...{ validation, monitor, patience, restoreBestWeights: options.restoreBestWeights },
    ...{ folder, resume, signal: interruption.signal },
    config: { data, form, ...sizes, validation: options.validation, shift },
    ...{ onBatchEnd: reporter.onBatchEnd, onEpochEnd: reporter.onEpochEnd },
  }).finally(() => {
    reporter.stop();
    interruption.stop();
  });
  if (!interruption.signal.aborted) return history;
  const goOn = `primal-attention train --resume --output ${folder}`;
  throw interruption.error(`interrupted after ${history.length} of ${epochs} epochs; go on with: ${goOn}`);
}

/** What the model does on the test part after the last and after the best epoch. The one to keep stays in the model. */
async function testEpochs(
  model: LayersModel,
  { test }: TrainParts,
  folder: string,
  {
    history,
    monitor,
    restoreBestWeights,
  }: { history: Progress[] } & Pick<TrainOptions, 'monitor' | 'restoreBestWeights'>,
) {
  const at = async (checkpoint: string): Promise<Evaluation> => {
    await restoreCheckpoint(checkpoint, model);
    return evaluate(model, test);
  };
  const best = bestEpoch(history, monitor);
  const last = await at(lastCheckpoint(folder));
  if (!best) return { last, kept: last };
  const chosen = { epoch: best.epoch, ...(await at(bestCheckpoint(folder))) };
  if (restoreBestWeights) return { last, chosen, kept: chosen };
  await restoreCheckpoint(lastCheckpoint(folder), model);
  return { last, chosen, kept: last };
}

async function train(options: TrainOptions): Promise<void> {
  const output = new Output(options);
  const dataset = await openDataset(options.data!, output);
  const { name } = dataset;
  const { form, seed } = options;
  const sizes = modelOptions(dataset, options);
  const { build } = await init({ threads: options.threads });
  const folder = options.output ?? `runs/${name}-${form}-${seed}`;
  await mkdir(folder, { recursive: true }); // a folder that cannot be made is better known before training

  const parts = trainParts(dataset, options);
  const { classNames } = parts.train;
  const model = classifierFor(dataset, form, sizes, mixSeed(seed, 0));
  setMetadata(model, metadataOf(parts.train, { data: name, form, statistics: parts.statistics }));
  const parameters = model.countParams();
  output.say(`${name}: ${countCases(parts)}, ${classNames.length} classes`);
  output.say(
    `${form} attention, ${parameters} parameters, ${options.epochs} epochs, seed ${seed}, ${build} build -> ${folder}`,
  );
  const history = await fitInFolder(model, parts, options, { folder, sizes, output });

  const { last, chosen, kept } = await testEpochs(model, parts, folder, { history, ...options });
  await save(model, folder);
  const evaluated = [{ title: 'test part', evaluation: kept }];
  if (parts.validation) {
    evaluated.push({ title: 'validation part', evaluation: evaluate(model, parts.validation) });
  }
  const title = `${name}, ${form} attention, seed ${seed}`;
  const report = await writeRunReport(folder, { title, classNames, parts: evaluated });

  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const samplesPerSecond = (history.length * parts.train.labels.length) / seconds;
  const document = {
    ...{ data: name, form, seed, epochs: history.length, parameters, seconds, samplesPerSecond },
    testAccuracy: { last: last.accuracy, ...(chosen && { validation: chosen.accuracy }) },
    testMacroF1: kept.macroF1,
    ...(chosen && { bestEpoch: chosen.epoch }),
    ...{ output: folder, report },
    history: history.map(({ epoch, loss, accuracy, learningRate, seconds, validation }) => ({
      ...{ epoch, loss, accuracy, learningRate, seconds, validation },
    })),
  };
  output.result(document, [
    `Test accuracy  ${percent(last.accuracy)} (${parts.test.labels.length} cases, after the last epoch)`,
    ...(chosen
      ? [`               ${percent(chosen.accuracy)} (after epoch ${chosen.epoch}, the best on the validation part)`]
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
      '\nThe folder of a run holds model.json and its weights, config.json, metrics.jsonl, checkpoints and report.html.' +
        '\nCtrl-C keeps the run; --resume goes on with it, to the same end as if it had not been interrupted.' +
        '\n\nExamples:' +
        '\n  $ primal-attention train --data JapaneseVowels --epochs 40 --seed 1 --json' +
        '\n  $ primal-attention train --data path/to/mine --form bn+sh --validation 0.2 --patience 10 --output runs/mine' +
        '\n  $ primal-attention train --resume --output runs/mine' +
        '\n  $ primal-attention train --config runs/mine/config.json --seed 2',
    )
    .action(async (_: unknown, command: Command) => train(await readTrainOptions(command)));
}
