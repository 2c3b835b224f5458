import { parseTimeSeries } from './parseTimeSeries.js';
import { readBytes } from './readBytes.js';
import type { TimeSeriesData } from './timeSeries.js';

/**
 * Reads a `.ts` file of the UEA and UCR archives; see parseTimeSeries for the form. Node only.
 *
 * @param path the file; gzipped if its first two bytes say so, whatever its name
 * @returns the cases; a missing value (`?`) is NaN
 * @throws Error with the path, the line and the reason for the first malformed line; the file system's and gzip's
 *   errors, with the path
 */
export async function readTimeSeries(path: string): Promise<TimeSeriesData> {
  return parseTimeSeries(new TextDecoder().decode(await readBytes(path)), path);
}
