import { type CsvOptions, parseCsv } from './parseCsv.js';
import { readBytes } from '../../files/readBytes.js';
import type { TimeSeriesData } from '../timeSeries.js';

/**
 * Reads time series from a table of comma-separated values; see parseCsv for its two forms. Node only.
 *
 * @param path the file, perhaps gzipped
 * @param options see CsvOptions
 * @returns the cases; missing values are NaN, missing labels -1
 * @throws Error `path:line: reason` for the first malformed row; the file system's and gzip's errors, with the path
 */
export async function readCsv(path: string, options: CsvOptions = {}): Promise<TimeSeriesData> {
  return parseCsv(await readBytes(path), path, options);
}
