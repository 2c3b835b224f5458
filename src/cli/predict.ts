import { Command, Option } from 'commander';
import { parseCases } from '../data/formats/parseCases.js';
import { describeCases, doubtsAbout } from '../data/describeCases.js';
import type { ReadOptions } from '../data/readOptions.js';
import { readBytes, readStream } from '../files/readBytes.js';
import { markdownTable } from '../report/markdownTable.js';
import { argmax } from '../training/argmax.js';
import { predict as predictWith } from '../training/predict.js';
import { nonEmpty } from './arguments.js';
import { addLongerOption, fitToModel, type Longer } from './fitToModel.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { loadClassifier } from './loadClassifier.js';
import { Output, percent } from './output.js';
import { addReadOptions, readOptionsOf } from './readFlags.js';
import { startKernels } from './startKernels.js';

const formats = ['table', 'csv', 'json'] as const;

interface PredictOptions extends ComputeOptions, ReadOptions {
  model: string;
  input: string;
  longer: Longer;
  format: (typeof formats)[number];
}

interface Prediction {
  /** Its name, where the input has one; else its number, from 1. */
  case: number | string;
  class: string;
  probability: number;
  /** [classes] */
  probabilities: number[];
}

/** A cell as RFC 4180 has it. */
const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csvLines(predictions: readonly Prediction[], classNames: readonly string[]): string[] {
  const rows = predictions.map(({ case: id, class: name, probabilities }) => [id, name, ...probabilities]);
  return [['case', 'class', ...classNames], ...rows].map((row) => row.map((value) => cell(`${value}`)).join(','));
}

function table(predictions: readonly Prediction[]): string {
  return markdownTable<Prediction>(
    {
      columns: [
        ['case', 1, (row) => `${row.case}`],
        ['class', -1, (row) => row.class],
        ['probability', 1, ({ probability }) => percent(probability)],
      ],
    },
    predictions,
  );
}

async function predict(options: PredictOptions): Promise<void> {
  const { model: folder, input, format } = options;
  const json = options.json || format === 'json';
  const output = new Output({ ...options, json });
  await startKernels(options, output);
  const saved = await loadClassifier(folder);
  const { model, metadata, prepare } = saved;
  const source = input === '-' ? 'standard input' : input;
  const bytes = input === '-' ? await readStream(process.stdin, source) : await readBytes(input);
  const channels = metadata.statistics?.mean.length ?? 1;
  const read = await parseCases(bytes, source, { ...metadata, channels, read: readOptionsOf(options) });
  output.say(`${source}: ${describeCases(read)}`);
  for (const doubt of doubtsAbout(read, false)) output.warn(`${source}: ${doubt}`);
  const data = fitToModel(source, read, saved, options.longer);
  const { classNames } = metadata;
  const predictions = predictWith(model, prepare(data)).map((probabilities, index): Prediction => {
    const best = argmax(probabilities);
    return {
      case: data.ids?.[index] ?? index + 1,
      class: classNames[best],
      probability: probabilities[best],
      probabilities,
    };
  });
  const named = predictions.map(({ probabilities, ...rest }) => ({
    ...rest,
    probabilities: Object.fromEntries(classNames.map((name, index) => [name, probabilities[index]])),
  }));
  const document = { model: folder, input: source, cases: predictions.length, predictions: named };
  const lines = format === 'csv' ? csvLines(predictions, classNames) : [table(predictions)];
  output.result(document, lines);
}

/** The command `predict`. */
export function predictCommand(): Command {
  const command = new Command('predict')
    .description('Classify cases with a saved model.')
    .requiredOption('--model <folder>', 'folder of a saved model', nonEmpty)
    .requiredOption('--input <file>', "file with the cases, or '-' for standard input", nonEmpty)
    .addOption(
      new Option('--format <format>', 'output format; --json is the same as json').choices(formats).default('table'),
    );
  addReadOptions(addLongerOption(command));
  return addComputeOptions(command.optionsGroup('Options:'))
    .addHelpText(
      'after',
      '\nThe input needs no labels. Series: .ts, CSV (case,channel,... or label,v,v,...) or JSON ([[[1, 2], [3, 4]], ...]:' +
        '\ncases, positions, channels). Images: IDX or JSON (cases, rows, pixels). Tokens: one case per line, or JSON strings.' +
        '\n\nExamples:' +
        '\n  $ primal-attention predict --model runs/mine --input new.ts' +
        '\n  $ primal-attention predict --model runs/mine --input new.csv --format csv > classes.csv' +
        "\n  $ echo '[[0.1, 0.4, 0.9]]' | primal-attention predict --model runs/univariate --input - --json",
    )
    .action(predict);
}
