import { Command } from 'commander';
import { loadDataset } from '../data/loadDataset.js';
import { standardize } from '../data/standardize.js';
import { init } from '../ops/init.js';
import { evaluate as evaluateModel } from '../training/evaluate.js';
import { load } from '../training/load.js';
import { getMetadata } from '../training/metadata.js';
import { threads } from './arguments.js';
import { Output, type OutputOptions, percent } from './output.js';

interface EvaluateOptions extends OutputOptions {
  model: string;
  data: string;
  threads: number | 'auto';
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const output = new Output(options);
  const { name, test } = await loadDataset(options.data);
  await init({ threads: options.threads });
  const model = await load(options.model);
  const { form, classNames, statistics } = getMetadata(model);
  if (classNames.join('\n') !== test.classNames.join('\n')) {
    throw new Error(
      `${options.data}: the classes are ${test.classNames.join(', ')}; the model knows ${classNames.join(', ')}`,
    );
  }
  const { accuracy, loss } = evaluateModel(model, standardize(test, statistics));
  const cases = test.labels.length;
  output.result({ model: options.model, data: name, form, cases, accuracy, loss }, [
    `Test accuracy  ${percent(accuracy)} (${cases} cases of ${name})`,
    `Loss           ${loss.toFixed(4)}`,
  ]);
}

/** The command `evaluate`. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Test a saved model on the test part of a data set.')
    .requiredOption('--model <folder>', 'what train saved')
    .requiredOption('--data <name or folder>', 'a known set, or a folder with NAME_TRAIN.ts and NAME_TEST.ts')
    .option('--threads <n>', 'threads to compute with', threads, 'auto')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExample:\n  $ primal-attention evaluate --model runs/JapaneseVowels-softmax-0 --data JapaneseVowels',
    )
    .action(evaluate);
}
