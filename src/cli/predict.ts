import { once } from 'node:events';
import { Command, Option } from 'commander';
import { parseJsonLines } from '../data/formats/parseJsonLines.js';
import { describeCases, doubtsAbout } from '../data/describeCases.js';
import type { ReadOptions } from '../data/readOptions.js';
import type { LabelledData } from '../data/labelledData.js';
import { type CaseReader, newCases } from '../data/newCases.js';
import { readStream } from '../files/readBytes.js';
import { peek, readChunks, unpacked } from '../files/readChunks.js';
import { linesOf } from '../files/readLines.js';
import { markdownTable } from '../report/markdownTable.js';
import { predict as predictWith } from '../training/predict.js';
import type { PredictionText, TextColumn } from '../training/tasks/task.js';
import { addChoices, integer, nonEmpty } from './arguments.js';
import { fitToModel, fittingCases, type Longer } from '../data/fitToModel.js';
import { addLongerOption } from './longerOption.js';
import { addComputeOptions, type ComputeOptions } from './computeOptions.js';
import { explanations, explanationText } from './explanations.js';
import { checkForecastReading } from './forecastFlags.js';
import { loadClassifier, type SavedClassifier } from './loadClassifier.js';
import { Output } from './output.js';
import { addReadOptions, readOptionsOf } from './readFlags.js';
import { startKernels } from './startKernels.js';
import { UsageError } from './usageError.js';

/** Positions that `--explain` names. */
const EXPLAINED = 5;

const formats = ['table', 'csv', 'json', 'jsonl'] as const;

interface PredictOptions extends ComputeOptions, ReadOptions {
  model: string;
  input: string;
  longer: Longer;
  format: (typeof formats)[number];
  /** Positions of each case that are named. */
  explain?: number;
}

/** Heading of the column of positions. */
const WEIGHED = 'positions that weighed most';

/** A cell as RFC 4180 has it. */
const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const csvLine = (row: readonly (string | number)[]) => row.map((value) => cell(`${value}`)).join(',');

const tableOf = (columns: readonly TextColumn[]) =>
  markdownTable(
    { columns: columns.map(([heading, align, cells]) => [heading, align, (row: number) => cells[row]] as const) },
    columns[0][2].map((_, row) => row),
  );

/** What a saved model says of cases; those without a name are counted from `first`. `explain` positions are named. */
function predictionsOf(
  { model, metadata, task, prepare }: SavedClassifier,
  data: LabelledData,
  { first = 1, explain }: { first?: number; explain?: number },
): PredictionText {
  const prepared = prepare(data);
  const explained = explain === undefined ? undefined : explanations(model, prepared, explain);
  const text = task.predictionText(predictWith(model, prepared), metadata, data, first);
  if (!explained) return text;
  const texts = explained.map(explanationText);
  return {
    documents: text.documents.map((document, index) => ({ ...document, positions: explained[index] })),
    table: [...text.table, [WEIGHED, -1, texts]],
    csv: text.csv.map((row, index) => [...row, index === 0 ? WEIGHED : texts[index - 1]]),
  };
}

const BRACE = '{'.charCodeAt(0);

/** Answers JSON lines as they arrive, so that neither they nor the answers are kept. */
async function predictLines(
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  saved: SavedClassifier,
  { taken, longer, explain }: { taken: CaseReader; longer: Longer; explain?: number },
): Promise<void> {
  const expected = { ...taken, channels: taken.channels ?? 1 };
  let [line, done] = [1, 0];
  for await (const lines of linesOf(chunks, source)) {
    if (lines.some((text) => text.trim() !== '')) {
      const data = fitToModel(
        source,
        parseJsonLines(lines, source, expected, { line, case: done + 1 }),
        taken,
        longer,
        done + 1,
      );
      const { documents } = predictionsOf(saved, data, { first: done + 1, explain });
      const text = documents.map((one) => `${JSON.stringify(one)}\n`).join('');
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
      done += documents.length;
    }
    line += lines.length;
  }
}

async function predict(options: PredictOptions): Promise<void> {
  const { model: folder, input, format, longer, explain } = options;
  const json = options.json || format === 'json';
  const output = new Output({ ...options, json });
  await startKernels(options, output);
  const saved = await loadClassifier(folder);
  const { metadata } = saved;
  const source = input === '-' ? 'standard input' : input;
  const read = readOptionsOf(options);
  const taken = { ...metadata, ...fittingCases(metadata, saved.length) };
  const { start, all } = await peek(input === '-' ? unpacked(process.stdin, source) : readChunks(input));
  if (metadata.forecast) checkForecastReading(read);
  if (explain !== undefined && metadata.forecast) {
    throw new UsageError(`--explain was given for the forecaster ${folder}; only cases of classes or numbers have it`);
  }
  if (format === 'jsonl' && start[0] === BRACE) return predictLines(all, source, saved, { taken, longer, explain });
  const bytes = await readStream(all, source);
  const cases = await newCases(bytes, source, taken, read);
  output.say(`${source}: ${describeCases(cases)}`);
  for (const doubt of doubtsAbout(cases, false)) output.warn(`${source}: ${doubt}`);
  const { documents, table, csv } = predictionsOf(saved, fitToModel(source, cases, taken, longer), { explain });
  const document = { model: folder, input: source, cases: documents.length, predictions: documents };
  const lines = {
    table: () => [tableOf(table)],
    csv: () => csv.map(csvLine),
    json: () => [],
    jsonl: () => documents.map((one) => JSON.stringify(one)),
  };
  output.result(document, lines[format]());
}

/** The command `predict`. */
export function predictCommand(): Command {
  const command = new Command('predict')
    .description('Predict with a saved model: classes, numbers or what comes next.')
    .requiredOption('--model <folder>', 'folder of a saved model', nonEmpty)
    .requiredOption('--input <file>', "file with the cases, or '-' for standard input", nonEmpty)
    .addOption(
      addChoices(
        new Option(
          '--format <format>',
          'output format; --json is the same as json; jsonl answers JSON lines one by one',
        ),
        formats,
      ).default('table'),
    );
  command.addOption(
    new Option('--explain [n]', 'name the n positions of each case that weighed most (attention rollout)')
      .argParser(integer(1))
      .preset(String(EXPLAINED)),
  );
  addReadOptions(addLongerOption(command));
  return addComputeOptions(command.optionsGroup('Options:'))
    .addHelpText(
      'after',
      '\nA forecaster takes a table in the order of time, and forecasts what follows on its last row; or cases as JSON.' +
        '\nThe input needs no labels. Series: .ts, ARFF, a table whose columns are named as in training, JSON ([[[1, 2], [3, 4]], ...]:' +
        '\ncases, positions, channels) or JSON lines ({"case": "monday", "series": [...]}). Images: IDX or JSON (cases, rows, pixels). Tokens: one case per line, or JSON strings.' +
        '\n\nExamples:' +
        '\n  $ primal-attention predict --model runs/mine --input new.ts' +
        '\n  $ primal-attention predict --model runs/mine --input new.csv --format csv > classes.csv' +
        '\n  $ primal-attention predict --model runs/mine --input new.ts --explain 3' +
        "\n  $ echo '[[0.1, 0.4, 0.9]]' | primal-attention predict --model runs/univariate --input - --json",
    )
    .action(predict);
}
