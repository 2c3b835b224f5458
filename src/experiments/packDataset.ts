import { readFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { forecastWindows } from '../data/forecast/forecastWindows.js';
import type { Dataset, LabelledData } from '../data/labelledData.js';

/** A part without the windows that are cut from its timeline: they share its numbers, and would each bring them along. */
function withoutWindows(part: LabelledData): LabelledData {
  if (!('timeline' in part) || !part.timeline) return part;
  return { ...part, series: [], futures: [] };
}

function withWindows(part: LabelledData): LabelledData {
  if (!('timeline' in part) || !part.timeline) return part;
  const { timeline: values, channelNames = [], horizon, lengths } = part;
  const { series, futures } = forecastWindows({ values, channelNames, length: lengths[0], horizon: horizon! });
  return { ...part, series, futures };
}

const ofParts = (
  { name, train, validation, test }: Dataset,
  change: (part: LabelledData) => LabelledData,
): Dataset => ({
  name,
  train: change(train),
  ...(validation && { validation: change(validation) }),
  test: change(test),
});

/** A data set as bytes, whatever it was read from, for unpackDataset of the same version of this package. */
export const packDataset = (dataset: Dataset): Uint8Array => serialize(ofParts(dataset, withoutWindows));

/**
 * @param path of a file with what packDataset gave
 * @throws Error if it holds something else; the file system's errors
 */
export async function unpackDataset(path: string): Promise<Dataset> {
  const bytes = await readFile(path);
  try {
    return ofParts(deserialize(bytes) as Dataset, withWindows);
  } catch (error) {
    throw new Error(`${path}: not a packed data set: ${(error as Error).message}`, { cause: error });
  }
}
