import { atLine } from '../../files/atLine.js';
import { readByLine } from '../../files/readByLine.js';
import { TimeSeriesParser, type TimeSeriesOptions } from './timeSeriesParser.js';
import type { TimeSeriesData } from '../timeSeries.js';

/**
 * Reads a `.ts` file of the UEA and UCR archives; see parseTimeSeries for the format. Node only. The file is read
 * line by line: in memory it needs its numbers, 4 bytes each, and its longest line.
 *
 * @param path the file; gzipped if its first two bytes say so, whatever its name
 * @param options see TimeSeriesOptions
 * @returns the cases; a missing value (`?` or `NaN`) is NaN, a missing label -1
 * @throws Error with the path, the line and the reason for the first malformed line; the file system's and gzip's
 *   errors, with the path
 */
export async function readTimeSeries(path: string, options?: TimeSeriesOptions): Promise<TimeSeriesData> {
  const parser = new TimeSeriesParser(options);
  const lines = await readByLine(path, (line) => parser.line(line));
  return atLine(path, lines, () => parser.finish());
}
