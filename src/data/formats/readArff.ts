import { atLine } from '../../files/atLine.js';
import { readByLine } from '../../files/readByLine.js';
import type { TimeSeriesData } from '../timeSeries.js';
import { ArffParser } from './arffParser.js';
import type { TimeSeriesOptions } from './timeSeriesParser.js';

/**
 * Reads an ARFF file of the UEA and UCR archives, see ArffParser for the format. Node only.
 *
 * @param path the file; gzipped if its first two bytes say so, whatever its name
 * @param options see TimeSeriesOptions
 * @returns the cases; a missing value (`?` or `NaN`) is NaN, a missing label -1
 * @throws Error `path:line: reason` for the first malformed line; the file system's and gzip's errors, with the path
 */
export async function readArff(path: string, options?: TimeSeriesOptions): Promise<TimeSeriesData> {
  const parser = new ArffParser(options);
  const lines = await readByLine(path, (line) => parser.line(line));
  return atLine(path, lines, () => parser.finish());
}
