import { mkdir } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { loadDataset } from '../data/loadDataset.js';
import { channelStatistics, standardize } from '../data/standardize.js';
import { longest } from '../data/labelledData.js';
import { mixSeed } from '../random.js';
import { timeSeriesClassifier, timeSeriesClassifierDefaults as defaults } from '../models/timeSeriesClassifier.js';
import { init } from '../ops/init.js';
import { evaluate } from '../training/evaluate.js';
import { fit } from '../training/fit.js';
import { fitDefaults } from '../training/fitOptions.js';
import { setMetadata } from '../training/metadata.js';
import { save } from '../training/save.js';
import { type Schedule, scheduleNames } from '../training/schedules.js';
import { integer, number, threads } from './arguments.js';
import { attentionOfForm, formNames } from './forms.js';
import { Output, type OutputOptions, percent } from './output.js';
import { progressReporter } from './progressReporter.js';
import { UsageError } from './usageError.js';

interface TrainOptions extends OutputOptions {
  data: string;
  form: string;
  epochs: number;
  seed: number;
  output?: string;
  width: number;
  feedForward: number;
  heads: number;
  layers: number;
  batchSize: number;
  learningRate: number;
  schedule: Schedule;
  dropout: number;
  threads: number | 'auto';
}

async function train(options: TrainOptions): Promise<void> {
  const output = new Output(options);
  const attention = attentionOfForm(options.form);
  if (options.width % options.heads !== 0) {
    throw new UsageError(`--heads was ${options.heads}; it must divide --width, ${options.width}`);
  }
  const { name, train: raw, test } = await loadDataset(options.data, { kind: 'series' });
  const { build } = await init({ threads: options.threads });
  const { epochs, seed, batchSize, learningRate, schedule } = options;
  const folder = options.output ?? `runs/${name}-${options.form}-${seed}`;
  await mkdir(folder, { recursive: true }); // a folder that cannot be made is better known before training

  const statistics = channelStatistics(raw);
  const data = standardize(raw, statistics);
  const length = longest(raw, test);
  const model = timeSeriesClassifier({
    channels: data.channels,
    length,
    classes: data.classNames.length,
    width: options.width,
    feedForward: options.feedForward,
    heads: options.heads,
    layers: options.layers,
    dropout: options.dropout,
    attention: attention({ heads: options.heads, length }),
    seed: mixSeed(seed, 0),
  });
  const parameters = model.countParams();
  output.say(
    `${name}: ${data.series.length} training and ${test.series.length} test cases, ${data.channels} channels, ` +
      `length ${length}, ${data.classNames.length} classes`,
  );
  output.say(`${options.form} attention, ${parameters} parameters, ${epochs} epochs, seed ${seed}, ${build} build`);

  const reporter = progressReporter(output);
  const start = performance.now();
  const history = await fit(model, data, {
    epochs,
    batchSize,
    learningRate,
    schedule,
    seed: mixSeed(seed, 1),
    onBatchEnd: reporter.onBatchEnd,
    onEpochEnd: reporter.onEpochEnd,
  }).finally(() => reporter.stop());
  const seconds = (performance.now() - start) / 1000;
  const samplesPerSecond = (epochs * data.series.length) / seconds;
  const tested = evaluate(model, standardize(test, statistics));

  setMetadata(model, { data: name, form: options.form, classNames: data.classNames, statistics });
  await save(model, folder);
  const document = {
    data: name,
    form: options.form,
    seed,
    epochs,
    parameters,
    seconds,
    samplesPerSecond,
    testAccuracy: { last: tested.accuracy },
    output: folder,
    history: history.map(({ epoch, loss, accuracy, seconds }) => ({ epoch, loss, accuracy, seconds })),
  };
  output.result(document, [
    `Test accuracy  ${percent(tested.accuracy)} (${test.series.length} cases, after the last epoch)`,
    `Speed          ${samplesPerSecond.toFixed(0)} samples/s, ${seconds.toFixed(1)} s of training`,
    `Model          ${folder}`,
  ]);
}

/** The command `train`. */
export function trainCommand(): Command {
  return new Command('train')
    .description('Train a transformer that classifies time series, test it, and save it.')
    .requiredOption('--data <name or folder>', 'a known set, or a folder with NAME_TRAIN.ts and NAME_TEST.ts')
    .option('--form <form>', `form of attention: ${formNames.join(', ')}`, 'softmax')
    .option('--epochs <n>', 'times through the training data', integer(1), fitDefaults.epochs)
    .option('--seed <n>', 'the same seed gives the same run', integer(0), 0)
    .option('--output <folder>', 'where the model is saved (default: runs/DATA-FORM-SEED)')
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
    .option('--threads <n>', 'threads to compute with', threads, 'auto')
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print nothing but the result')
    .addHelpText('after', '\nExample:\n  $ primal-attention train --data JapaneseVowels --epochs 40 --seed 1 --json')
    .action(train);
}
