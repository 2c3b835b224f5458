import { access } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { isFolder } from '../files/isFolder.js';
import { applyConfigFile } from './configFile.js';
import { checkTrainOptions, type TrainOptions } from './trainOptions.js';
import { UsageError } from './usageError.js';

/** Options that a run does not depend on. */
const notOfTheRun = ['config', 'resume', 'output', 'download', 'threads', 'wide', 'json', 'quiet'];

/**
 * Where the data of a run is, as its config.json has it: a folder's whole path, so that the run can be resumed from
 * anywhere. One that is resumed after its data was moved may be told where it is now.
 *
 * @param given by a flag or a file
 * @param stored of the run that is resumed
 */
async function placeOf(given: string, stored: string | undefined): Promise<string> {
  const place = (await isFolder(given)) ? resolve(given) : given;
  if (stored === undefined || place === stored) return place;
  if (resolve(stored) === place) return stored; // from a version that kept it as it was given
  const isGone = isAbsolute(stored) && !(await isFolder(stored));
  if (isGone) return place;
  throw new UsageError(`--data was ${given}; it must be ${stored}, as when the run began`);
}

/** The command's options, with those of a config file, and of the run that is resumed, where no flag is given. */
export async function readTrainOptions(command: Command): Promise<TrainOptions> {
  const { config, resume, output } = command.opts<TrainOptions>();
  if (config !== undefined) await applyConfigFile(command, config, ['config', 'resume']);
  let stored: string | undefined;
  if (resume && output !== undefined) {
    const path = join(output, 'config.json');
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) stored = (await applyConfigFile(command, path, notOfTheRun)).data as string | undefined;
  }
  const options = command.opts<TrainOptions>();
  checkTrainOptions(options);
  const data = await placeOf(options.data, stored);
  if (data === stored && isAbsolute(data) && !(await isFolder(data))) {
    throw new UsageError(`${output}: the data was ${data}, where no folder is; give --data with where it is now`);
  }
  return { ...options, data };
}
