import { integer, oneOf, text } from '../../checks/rules.js';
import { check, checkOptions } from '../../checks/values.js';
import { isFolder } from '../../files/isFolder.js';
import { nodeModule } from '../../nodeModule.js';
import { pickProperties } from '../../pickProperties.js';
import type { Dataset } from '../labelledData.js';
import type { TimeSeriesData } from '../timeSeries.js';
import { type ForecastSplit, forecastParts, forecastSplits } from './forecastSplits.js';
import { forecastWindows } from './forecastWindows.js';
import { readTimeTable } from './parseTimeTable.js';
import { type TimeTableOptions, timeTableOptionNames } from './timeTableOptions.js';
import { checkTimeTable, rowsOf, type TimeTable, timeTableFields } from './timeTable.js';

/** What is forecast from what. */
export interface ForecastOptions extends TimeTableOptions {
  /** Rows that a model is given; default 96. */
  length?: number;
  /** Rows that it is to forecast; default 24. */
  horizon?: number;
  /** Default 'fractions'; see forecastSplits. */
  split?: ForecastSplit;
}

const optionNames = [...timeTableOptionNames, 'length', 'horizon', 'split'] satisfies (keyof ForecastOptions)[];

export const forecastDefaults = { length: 96, horizon: 24, split: 'fractions' } as const;

/**
 * Windows of a table in the order of time, in three parts. The parts do not overlap, but for the rows that a window of the
 * validation or test part is given: these may be the last ones of the part before, as its forecasts are behind them.
 *
 * @param source the table's name, for errors
 * @throws Error if a part is too short for a window
 */
export function forecastDataset(
  source: string,
  name: string,
  table: TimeTable,
  options: ForecastOptions,
): Dataset<TimeSeriesData> {
  const owner = 'forecastDataset';
  check(owner, 'source', source, text);
  check(owner, 'name', name, text);
  checkOptions(`${owner}: table`, table, timeTableFields);
  checkTimeTable(owner, table);
  checkOptions(owner, options, optionNames);
  const {
    length = forecastDefaults.length,
    horizon = forecastDefaults.horizon,
    split = forecastDefaults.split,
  } = options;
  check(owner, 'length', length, integer(2));
  check(owner, 'horizon', horizon, integer(1));
  check(owner, 'split', split, oneOf(forecastSplits));
  const { channelNames, values } = table;
  const channels = channelNames.length;
  const parts = forecastParts(source, rowsOf(table), split);
  const windowsOf = (part: 'train' | 'validation' | 'test') => {
    const { start, end } = parts[part];
    const first = part === 'train' ? start : Math.max(0, start - length);
    const rows = values.subarray(first * channels, end * channels);
    const windows = forecastWindows({ values: rows, channelNames, length, horizon });
    const { timeColumn } = table;
    if (windows.series.length > 0)
      return { ...windows, split, ...(timeColumn !== undefined && { reading: { timeColumn } }) };
    const wanted = part === 'train' ? `${length + horizon}, --length and --horizon together` : `${horizon}, --horizon`;
    throw new Error(`${source}: the ${part} part has ${end - start} rows; it must have at least ${wanted}`);
  };
  return { name, train: windowsOf('train'), validation: windowsOf('validation'), test: windowsOf('test') };
}

/**
 * Reads a table in the order of time, and cuts it into windows to forecast; see parseTimeTable and forecastDataset. Node only.
 *
 * @param path a CSV file, perhaps gzipped
 * @param options see ForecastOptions
 * @throws Error with path and line if the table is malformed, with the path if a part is too short; the file system's errors
 */
export async function loadForecast(path: string, options: ForecastOptions = {}): Promise<Dataset<TimeSeriesData>> {
  check('loadForecast', 'path', path, text);
  if (await isFolder(path)) throw new Error(`${path}: is a folder; a table to forecast is one file`);
  const paths = await nodeModule('node:path');
  const name = paths
    .basename(path)
    .replace(/\.gz$/, '')
    .replace(/\.[^.]+$/, '');
  checkOptions('loadForecast', options, optionNames);
  return forecastDataset(path, name, await readTimeTable(path, pickProperties(options, timeTableOptionNames)), options);
}
