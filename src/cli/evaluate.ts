import { Command, Option } from 'commander';
import { caseCount } from '../data/caseCount.js';
import type { ReadOptions } from '../data/readOptions.js';
import { counted } from '../checks/counted.js';
import { markdownTable } from '../report/markdownTable.js';
import type { Precision } from '../predict/types.js';
import { type Baseline, baselineColumns, baselinesOf, verdict } from '../training/baselines/baseline.js';
import type { AnyEvaluation } from '../training/evaluation.js';
import { type ComparedScore, comparedScores } from '../training/tasks/comparedScores.js';
import type { Task } from '../training/tasks/task.js';
import { evaluate as evaluateModel } from '../training/evaluate.js';
import { addChoices, nonEmpty } from './arguments.js';
import { addDownloadFlag, type DownloadOptions } from './downloadFlag.js';
import { fitToModel, fittingCases, type Longer } from '../data/fitToModel.js';
import { checkTask } from './checkTask.js';
import { addLongerOption } from './longerOption.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { forecastOptionsOfModel } from './forecastFlags.js';
import { loadClassifier } from './loadClassifier.js';
import { openDataset } from './openDataset.js';
import { Output } from './output.js';
import { predictorOutputs } from './predictorOutputs.js';
import { addReadOptions, readOptionsOf } from './readFlags.js';
import { startKernels } from './startKernels.js';

interface EvaluateOptions extends ComputeOptions, ReadOptions, DownloadOptions {
  model: string;
  data: string;
  part: 'train' | 'test';
  longer: Longer;
  precision: Precision;
}

async function evaluate(options: EvaluateOptions): Promise<void> {
  const output = new Output(options);
  const { threads } = await startKernels(options, output);
  const saved = await loadClassifier(options.model);
  const { model, metadata, task, prepare } = saved;
  const reading = {
    ...{ read: readOptionsOf(options), reading: metadata.reading, whole: true, download: options.download },
    task: metadata.task,
    forecast: forecastOptionsOfModel(metadata, readOptionsOf(options)),
  };
  const dataset = await openDataset(options.data, output, reading);
  checkTask(options.data, dataset[options.part], metadata);
  const data = fitToModel(options.data, dataset[options.part], fittingCases(metadata, saved.length), options.longer);
  const test = prepare(data);
  const { precision } = options;
  const scores = async () => {
    if (precision === 'float32') return evaluateModel(model, test);
    if (task.name !== 'classification') {
      throw new Error(`--precision was ${precision}; it must be float32 for a model of ${task.name}`);
    }
    const { outputs, info } = await predictorOutputs(options.model, data, { precision, threads });
    output.say(`the predict runtime, products by ${info.products}`);
    return task.evaluate(outputs, data);
  };
  const evaluation = await scores();
  // Of a file that is both parts there is nothing to fit rules to.
  const { train, validation } = dataset;
  const baselines =
    !task.baselines || options.part === 'train' || train === dataset.test
      ? []
      : baselinesOf(task, { train: prepare(train), ...(validation && { validation: prepare(validation) }), test });
  const { name } = dataset;
  const { form } = metadata;
  const cases = caseCount(data);
  const part = {
    name: options.part === 'test' ? 'Test' : 'Train',
    cases: `${counted(cases, 'case')} of ${name}`,
  };
  const { document, lines } = task.evaluationText(evaluation, metadata, part);
  output.result(
    {
      ...{ model: options.model, data: name, part: options.part, form, precision, cases },
      ...document,
      ...(baselines.length > 0 && { baselines }),
    },
    [...lines, ...besideLines(task, evaluation, baselines)],
  );
}

/** Simple rules beside the model, on the same part. */
function besideLines(task: Task, evaluation: AnyEvaluation, baselines: readonly Baseline[]): string[] {
  if (baselines.length === 0) return [];
  const names = comparedScores(task);
  const model = { name: 'The model', ...(evaluation as Partial<Record<ComparedScore, number>>) };
  return ['', markdownTable(baselineColumns(names), [model, ...baselines]), '', verdict(names, model, baselines)];
}

/** The command `evaluate`. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description(
      'Evaluate a saved model on a data set: accuracy, macro F1, scores per class and confusion matrix; RMSE, MAE and R² of a regressor.',
    )
    .requiredOption('--model <folder>', 'folder of a saved model', nonEmpty)
    .requiredOption(
      '--data <name or folder>',
      'a known data set, or a folder such as one with NAME_TRAIN.ts and NAME_TEST.ts',
      nonEmpty,
    )
    .addOption(addChoices(new Option('--part <part>', 'part of the data set'), ['train', 'test']).default('test'));
  const help = 'int8: products of whole numbers, as the predict runtime has them; for classifiers';
  command.addOption(addChoices(new Option('--precision <name>', help), ['float32', 'int8']).default('float32'));
  addReadOptions(addLongerOption(command));
  return addComputeOptions(addDownloadFlag(command.optionsGroup('Options:')))
    .addHelpText(
      'after',
      '\nExamples:' +
        '\n  $ primal-attention evaluate --model runs/JapaneseVowels-softmax-0 --data JapaneseVowels' +
        '\n  $ primal-attention evaluate --model runs/mine --data path/to/mine --precision int8' +
        '\n  $ primal-attention evaluate --model runs/mine/checkpoints/best --data path/to/mine --json',
    )
    .action(evaluate);
}
