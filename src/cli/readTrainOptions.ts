import { access } from 'node:fs/promises';
import type { Command } from 'commander';
import { attentionForm } from '../models/attentionForm.js';
import { applyConfigFile } from './configFile.js';
import { checkTrainOptions, type TrainOptions } from './trainOptions.js';

/** Options that a run does not depend on. */
const notOfTheRun = ['config', 'resume', 'output', 'threads', 'wide', 'json', 'quiet'];

/** The command's options, with those of a config file, and of the run that is resumed, where no flag is given. */
export async function readTrainOptions(command: Command): Promise<TrainOptions> {
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
  attentionForm(options.form); // fail early if there is no such form
  return options;
}
