import { type Command, Option } from 'commander';
import { forecastDefaults, type ForecastOptions } from '../data/forecast/loadForecast.js';
import { timeTableOptionsOf, timeTableReading } from '../data/forecast/timeTableOptions.js';
import { forecastSplits } from '../data/forecast/forecastSplits.js';
import { type ReadOptions, readOptionNames } from '../data/readOptions.js';
import type { ModelMetadata } from '../data/modelMetadata.js';
import { forecasterOptionNames } from '../experiments/modelFor.js';
import { forecastPlanNames, type RunPlan } from '../experiments/runPlan.js';
import { taskNames } from '../training/tasks/taskOf.js';
import { addChoices, integer, switched } from './arguments.js';
import { flagOf } from './flagOf.js';
import { UsageError } from './usageError.js';

const names = [...forecastPlanNames, ...forecasterOptionNames] as const;

/** Gives a command the flags of the task, and of windows to forecast. */
export function addTaskOptions(command: Command): Command {
  const { length, horizon, split } = forecastDefaults;
  return command
    .optionsGroup('Task:')
    .addOption(
      addChoices(
        new Option('--task <name>', 'what to learn (default: what the data has, classes or numbers)'),
        taskNames,
      ),
    )
    .option('--length <n>', `forecasting: rows that the model is given (default: ${length})`, integer(2))
    .option('--horizon <n>', `forecasting: rows that it forecasts (default: ${horizon})`, integer(1))
    .addOption(
      addChoices(
        new Option(
          '--split <name>',
          `forecasting: 0.7, 0.1 and 0.2 of the rows, or 12, 4 and 4 months of the ETT sets (default: ${split})`,
        ),
        forecastSplits,
      ),
    )
    .option('--patch-length <n>', 'forecasting: rows of a patch (default: 16)', integer(1))
    .option('--patch-stride <n>', 'forecasting: rows from a patch to the next (default: half of a patch)', integer(1))
    .option(
      '--channel-independent <on|off>',
      'forecasting: whether each channel is forecast from its own past only (default: on)',
      switched,
    )
    .option(
      '--instance-normalization <on|off>',
      'forecasting: whether each window is normalised by its own mean and deviation (default: on)',
      switched,
    );
}

/** Why forecasting takes no share to hold out. */
export const forecastValidation = (share: number): string =>
  `--validation was ${share} for forecasting; its validation part is that of --split`;

type Given = Pick<RunPlan, 'task' | (typeof names)[number] | keyof ReadOptions>;

const takenReading: readonly (keyof ReadOptions)[] = ['timeColumn', 'valueColumns', ...timeTableReading];

/** @throws UsageError for options of other tables */
export function checkForecastReading(options: ReadOptions): void {
  const other = readOptionNames.find((name) => options[name] !== undefined && !takenReading.includes(name));
  if (other) throw new UsageError(`${flagOf(other)} was given for forecasting, whose tables are read without it`);
}

/**
 * What of a command's options openDataset needs to read a table to forecast.
 *
 * @returns undefined for other tasks
 * @throws UsageError if options of forecasting are given without it
 */
export function forecastOptionsOf(options: Given): ForecastOptions | undefined {
  if (options.task === 'forecasting') {
    const { length, horizon, split } = options;
    checkForecastReading(options);
    return { length, horizon, split, ...timeTableOptionsOf(options) };
  }
  const given = names.find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`${flagOf(given)} was ${options[given]}; only --task forecasting takes it`);
  return undefined;
}

/** The same of a saved model: its table has the columns that it was trained on; `options` come before what it knows. */
export function forecastOptionsOfModel(
  { forecast, channelNames: columns, reading }: ModelMetadata,
  options: ReadOptions,
): ForecastOptions | undefined {
  if (!forecast) return undefined;
  checkForecastReading(options);
  return { ...forecast, ...timeTableOptionsOf(options, { columns, timeColumn: reading?.timeColumn }) };
}
