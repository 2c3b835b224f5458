import type { FittingCases } from './fitToModel.js';
import { lastWindow } from './forecast/forecastWindows.js';
import { parseTimeTable } from './forecast/parseTimeTable.js';
import { timeTableOptionsOf } from './forecast/timeTableOptions.js';
import { parseCases } from './formats/parseCases.js';
import type { LabelledData } from './labelledData.js';
import type { ModelMetadata } from './modelMetadata.js';
import type { ReadOptions } from './readOptions.js';

/** What of a model says how its cases are read. */
export type CaseReader = FittingCases & Pick<ModelMetadata, 'reading' | 'forecast'>;

/**
 * Parses what a model is to predict: cases in any form that parseCases knows, or the table whose last rows a forecaster goes on
 * from.
 *
 * @param bytes of a file
 * @param source its name, for errors
 * @param model what it takes
 * @param read how a table is read, where that differs from the one that it was trained on
 * @throws Error with the source and the place of what is wrong
 */
export async function newCases(
  bytes: Uint8Array,
  source: string,
  { channels, reading, forecast, ...model }: CaseReader,
  read?: ReadOptions,
): Promise<LabelledData> {
  if (!forecast) return parseCases(bytes, source, { ...model, channels: channels ?? 1, reading, read });
  const table = timeTableOptionsOf(read ?? {}, { columns: model.channelNames, timeColumn: reading?.timeColumn });
  return lastWindow(source, await parseTimeTable(bytes, source, table), forecast);
}
