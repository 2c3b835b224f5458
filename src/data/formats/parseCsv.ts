import { checkReadOptions, type ReadOptions } from '../readOptions.js';
import type { TableOptions } from '../tables/planTable.js';
import { resampled } from '../resample.js';
import { readTable } from '../tables/readTable.js';
import type { TimeSeriesData } from '../timeSeries.js';

/** How a table is read. */
export interface CsvOptions extends Omit<ReadOptions, 'test'>, Pick<TableOptions, 'labels' | 'reading' | 'channels'> {
  /** Names of the classes, in order; default: the labels found, sorted, as numbers if all are. */
  classNames?: string[];
}

/** @throws Error, in the name of `owner`, if an option is none or not what it must be */
export function checkCsvOptions(owner: string, options: CsvOptions): void {
  checkReadOptions(owner, options, ['labels', 'reading', 'channels', 'classNames']);
  if ('test' in options) throw new Error(`${owner}: test was given; only loadDataset divides a file`);
}

/**
 * Parses time series in a table: its cells are separated by commas, semicolons, tabs or blanks, and may be quoted as in RFC
 * 4180. Node only. The first row names the columns: `label` holds the classes, `case` the cases' names, `time` times; the
 * others hold values.
 *
 * - A long table has a row for each position: rows with the same case are consecutive.
 * - A wide table has a row for each case of one channel, and numbered columns, such as `t0`, `t1`. Empty cells at the end of
 *   a row end its series.
 *
 * A missing value is `?`. What the first row does not say, the options must; what can be read in two ways is an error.
 *
 * @param bytes the table's, in UTF-8
 * @param source its name, for errors
 * @param options see CsvOptions
 * @returns the cases; missing values are NaN, missing labels -1
 * @throws Error `source:line: reason` for the first malformed row, or what is not certain
 */
export async function parseCsv(bytes: Uint8Array, source: string, options: CsvOptions = {}): Promise<TimeSeriesData> {
  checkCsvOptions('readCsv', options);
  return resampled(await readTable(bytes, source, options), options);
}
