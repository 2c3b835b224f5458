import { readBytes } from '../../files/readBytes.js';
import { readTable } from '../tables/readTable.js';
import type { TimeSeriesData } from '../timeSeries.js';
import { checkCsvOptions, type CsvOptions } from './parseCsv.js';

/**
 * Reads time series as the UCR archive stores them: a row for each case without a row of names, the label first, then the values
 * of one channel, separated by tabs (2018), or by commas or blanks (before). `NaN` is a missing value; at the end of a row it
 * ends the series. Node only.
 *
 * A file whose first row holds names is read as any other table, and so is each if `header` or `labelColumn` are given.
 *
 * @param path the file, perhaps gzipped
 * @param options see CsvOptions
 * @returns the cases; missing values are NaN, missing labels -1
 * @throws Error `path:line: reason` for the first malformed row; the file system's and gzip's errors, with the path
 */
export async function readUcr(path: string, options: CsvOptions = {}): Promise<TimeSeriesData> {
  checkCsvOptions('readUcr', options);
  const bytes = await readBytes(path);
  if (options.header !== undefined || options.labelColumn !== undefined) return readTable(bytes, path, options);
  const [first = ''] = new TextDecoder()
    .decode(bytes.subarray(0, 1 << 16))
    .trimStart()
    .split(/[\r\n]/);
  const [, ...values] = first.trim().split(/[\s,]+/);
  const isData = values.length > 0 && values.every((cell) => /^[+-]?(\.?\d|nan$)/i.test(cell));
  if (!isData) return readTable(bytes, path, options);
  const { missing = ['NaN'], ...others } = options;
  return readTable(bytes, path, {
    ...others,
    ...{ missing, layout: 'wide', header: 'no', labelColumn: 'first', isPadded: true },
  });
}
