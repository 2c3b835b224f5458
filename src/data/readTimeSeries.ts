import { parseTimeSeries } from './parseTimeSeries.js';
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
  // Imported here so that a browser can load the package.
  const [{ readFile }, { gunzipSync }] = await Promise.all([import('node:fs/promises'), import('node:zlib')]);
  const bytes = await readFile(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return parseTimeSeries(bytes.toString('utf8'), path);
  let unpacked: Buffer;
  try {
    unpacked = gunzipSync(bytes);
  } catch (error) {
    throw new Error(`${path}: the gzip data is damaged: ${(error as Error).message}`, { cause: error });
  }
  return parseTimeSeries(unpacked.toString('utf8'), path);
}
