import type { TimeSeriesData } from '../timeSeries.js';
import type { CsvOptions } from './parseCsv.js';
import { readArff } from './readArff.js';
import { readCsv } from './readCsv.js';
import { readTimeSeries } from './readTimeSeries.js';
import { readUcr } from './readUcr.js';

/** How a file of series is read, by the end of its name. */
const readers: readonly [RegExp, (path: string, options: CsvOptions) => Promise<TimeSeriesData>][] = [
  [/\.ts(\.gz)?$/i, (path) => readTimeSeries(path)],
  [/\.arff(\.gz)?$/i, (path) => readArff(path)],
  [/\.csv(\.gz)?$/i, readCsv],
  [/\.(tsv|txt)(\.gz)?$/i, readUcr],
];

/**
 * Reads a file of series, by the end of its name: .ts, .arff, .csv, .tsv or .txt, perhaps with .gz. Node only.
 *
 * @param path the file
 * @param options how tables are read
 * @throws Error if the name ends in another way; as the readers do
 */
export function readFile(path: string, options: CsvOptions): Promise<TimeSeriesData> {
  const found = readers.find(([pattern]) => pattern.test(path));
  if (found) return found[1](path, options);
  throw new Error(
    `${path}: the name of a file with cases must end in .ts, .arff, .csv, .tsv or .txt, perhaps with .gz`,
  );
}
