import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { init } from '../ops/init.js';
import { load } from '../training/load.js';
import { readModelJson } from '../training/modelJson.js';
import { save } from '../training/save.js';
import { type WeightStorage, weightStorages } from '../training/storeWeights.js';
import { addChoices, nonEmpty } from './arguments.js';
import { Output, type OutputOptions } from './output.js';
import { UsageError } from './usageError.js';

interface ExportOptions extends OutputOptions {
  model: string;
  weights: WeightStorage;
  output: string;
}

/** Bytes of a saved model's weights. */
async function bytesOf(folder: string): Promise<number> {
  const paths = (await readModelJson(folder)).weightsManifest.flatMap((group) => group.paths);
  const files = await Promise.all(paths.map((path) => stat(join(folder, path))));
  return files.reduce((sum, { size }) => sum + size, 0);
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;

async function exportModel(options: ExportOptions): Promise<void> {
  const { model: source, weights, output: target } = options;
  const resolved = await Promise.all([source, target].map((path) => realpath(path).catch(() => path)));
  if (resolved[0] === resolved[1]) {
    throw new UsageError(`--output is the folder of --model, ${source}; what is rounded off there would be lost`);
  }
  await init({ threads: 1 });
  const model = await load(source);
  await save(model, target, { weights });
  const [before, after] = await Promise.all([bytesOf(source), bytesOf(target)]);
  const document = { model: source, output: target, weights, bytes: { before, after } };
  new Output(options).result(document, [
    `${target}: weights as ${weights}, ${megabytes(after)} of ${megabytes(before)}`,
  ]);
}

/** The command `export`. */
export function exportCommand(): Command {
  return new Command('export')
    .description('Save a trained model with small weights, to predict with.')
    .requiredOption('--model <folder>', 'folder of a saved model', nonEmpty)
    .addOption(
      addChoices(
        new Option('--weights <type>', 'float16: half the bytes; uint8: a quarter, in 256 steps a matrix'),
        weightStorages,
      ).default('float16'),
    )
    .requiredOption('--output <folder>', 'folder to save it to', nonEmpty)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nAll commands, tf.loadLayersModel and primal-attention/predict read what it writes.' +
        '\n\nExample:\n  $ primal-attention export --model runs/mine --weights uint8 --output runs/small',
    )
    .action(exportModel);
}
