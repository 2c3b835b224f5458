import { Command, Option } from 'commander';
import type { ReadOptions } from '../data/readOptions.js';
import { markdownTable } from '../report/markdownTable.js';
import { evaluate as evaluateModel } from '../training/evaluate.js';
import { classColumns, namedClassScores } from '../training/tasks/classColumns.js';
import { nonEmpty } from './arguments.js';
import { addLongerOption, fitToModel, type Longer } from './fitToModel.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { loadClassifier } from './loadClassifier.js';
import { openDataset } from './openDataset.js';
import { Output, percent } from './output.js';
import { addReadOptions, readOptionsOf } from './readFlags.js';
import { startKernels } from './startKernels.js';

interface EvaluateOptions extends ComputeOptions, ReadOptions {
  model: string;
  data: string;
  part: 'train' | 'test';
  longer: Longer;
}

/** Most classes whose confusion matrix is printed: a terminal holds no more columns. */
const MOST_COLUMNS = 20;

function confusionTable(confusion: readonly number[][], classNames: readonly string[]): string {
  const rows = confusion.map((counts, index) => ({ name: classNames[index], counts }));
  type Row = (typeof rows)[number];
  const columns = classNames.map((name, index) => [name, 1, ({ counts }: Row) => `${counts[index]}`] as const);
  return markdownTable({ columns: [['actual \\ predicted', -1, ({ name }: Row) => name], ...columns] }, rows);
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const output = new Output(options);
  await startKernels(options, output);
  const saved = await loadClassifier(options.model);
  const { model, metadata, prepare } = saved;
  const reading = { read: readOptionsOf(options), reading: metadata.reading, whole: true };
  const dataset = await openDataset(options.data, output, reading);
  const data = fitToModel(options.data, dataset[options.part], saved, options.longer);
  const { accuracy, loss, macroF1, confusion } = evaluateModel(model, prepare(data));
  const { name } = dataset;
  const { form, classNames } = metadata;
  const cases = data.labels.length;
  const classes = namedClassScores(confusion, classNames);
  const document = {
    ...{ model: options.model, data: name, part: options.part, form, cases, accuracy, loss, macroF1 },
    ...{ classes, confusion },
  };
  const title = options.part === 'test' ? 'Test accuracy ' : 'Train accuracy';
  output.result(document, [
    `${title} ${percent(accuracy)} (${cases} cases of ${name})`,
    `Macro F1       ${macroF1.toFixed(4)}`,
    `Loss           ${loss.toFixed(4)}`,
    '',
    markdownTable(classColumns, classes),
    ...(classNames.length <= MOST_COLUMNS ? ['', confusionTable(confusion, classNames)] : []),
  ]);
}

/** The command `evaluate`. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description('Evaluate a saved model on a data set: accuracy, macro F1, scores per class and confusion matrix.')
    .requiredOption('--model <folder>', 'folder of a saved model', nonEmpty)
    .requiredOption(
      '--data <name or folder>',
      'a known data set, or a folder such as one with NAME_TRAIN.ts and NAME_TEST.ts',
      nonEmpty,
    )
    .addOption(new Option('--part <part>', 'part of the data set').choices(['train', 'test']).default('test'));
  addReadOptions(addLongerOption(command));
  return addComputeOptions(command.optionsGroup('Options:'))
    .addHelpText(
      'after',
      '\nExamples:' +
        '\n  $ primal-attention evaluate --model runs/JapaneseVowels-softmax-0 --data JapaneseVowels' +
        '\n  $ primal-attention evaluate --model runs/mine/checkpoints/best --data path/to/mine --json',
    )
    .action(evaluate);
}
