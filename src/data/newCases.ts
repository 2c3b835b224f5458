import { checkNumbers } from './checkData.js';
import type { FittingCases } from './fitToModel.js';
import { lastWindow } from './forecast/forecastWindows.js';
import { parseTimeTable } from './forecast/parseTimeTable.js';
import { timeTableOptionsOf } from './forecast/timeTableOptions.js';
import { parseCases } from './formats/parseCases.js';
import type { LabelledData } from './labelledData.js';
import type { ModelMetadata } from './modelMetadata.js';
import type { ReadOptions } from './readOptions.js';

const BLANK = 0x20;

/** What of a model says how its cases are read. */
export type CaseReader = FittingCases & Pick<ModelMetadata, 'reading' | 'forecast'>;

/**
 * Parses what a model is to predict: cases in any form that parseCases knows; for a forecaster JSON, in which nothing may be missing,
 * or the table whose last rows it goes on from.
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
  const isJson = [...'[{'].some((begin) => bytes.find((byte) => byte > BLANK) === begin.charCodeAt(0));
  if (!forecast || isJson) {
    const cases = await parseCases(bytes, source, { ...model, channels: channels ?? 1, reading, read });
    if (forecast) checkNumbers(source, cases);
    return cases;
  }
  const table = timeTableOptionsOf(read ?? {}, { columns: model.channelNames, timeColumn: reading?.timeColumn });
  return lastWindow(source, await parseTimeTable(bytes, source, table), forecast);
}
