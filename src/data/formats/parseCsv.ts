import { listed, quoted } from '../../checks/quoted.js';
import { atLine } from '../../files/atLine.js';
import { type CaseTable, LongTable, WideTable } from './csvTables.js';
import type { TimeSeriesOptions } from './timeSeriesParser.js';
import type { TimeSeriesData } from '../timeSeries.js';

export interface CsvOptions extends TimeSeriesOptions {
  /** Names of the classes, in order; default: the labels found, sorted, as numbers if all are. */
  classNames?: string[];
}

const isMissing = (label: string | undefined) => label === undefined || label === '' || label === '?';

/** The labels found, in order: as numbers if all are, otherwise as strings. */
function sortedNames(labels: readonly (string | undefined)[]): string[] {
  const names = [...new Set(labels)].filter((label) => label !== undefined && !isMissing(label)) as string[];
  const numeric = names.every((name) => Number.isFinite(Number(name)));
  return numeric ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}

/**
 * Parses time series in a table of comma-separated values. Node only. The first cell decides its form:
 *
 * - `case`: a row for each position. The first row holds the column names: `case`, perhaps `label`, and one for each
 *   channel. The rows of a case are consecutive, in order of time.
 * - anything else: a row for each case of one channel, `label,v,v,...`. A first row that begins with `label` is
 *   skipped.
 *
 * An empty cell, `?` or `NaN` is a missing value; empty cells at the end of a row `label,v,v,...` are ignored. Cells
 * may be quoted, as in RFC 4180.
 *
 * @param bytes the table's
 * @param source its name, for errors
 * @param options see CsvOptions
 * @returns the cases; missing values are NaN, missing labels -1
 * @throws Error `source:line: reason` for the first malformed row
 */
export async function parseCsv(bytes: Uint8Array, source: string, options: CsvOptions = {}): Promise<TimeSeriesData> {
  const checkLabel = (label: string | undefined) => {
    if (isMissing(label)) {
      if (options.labels !== 'optional')
        throw new Error('the label is missing; it must be there, except in cases to predict');
    } else if (options.classNames && !options.classNames.includes(label)) {
      throw new Error(`the label was ${quoted(label)}; it must be one of ${listed(options.classNames)}`);
    }
  };
  let table: CaseTable | undefined;
  let lines = 1;
  const takeRow = (row: string[]) => {
    const first = row[0].toLowerCase();
    if (!table) {
      table = first === 'case' ? new LongTable(row) : new WideTable();
      if (first === 'case' || first === 'label') return;
    }
    table.row(row);
    checkLabel(table.labels.at(-1));
  };
  // Not the streaming form of the library: its import of `stream` stops bundlers for browsers.
  const { parse } = await import('csv-parse/sync');
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record(row: string[], info) {
        lines = info.lines;
        atLine(source, lines, () => takeRow(row));
        return null;
      },
    });
  } catch (error) {
    const { code, lines: at, message } = error as Error & { code?: string; lines?: number };
    if (code?.startsWith('CSV_')) throw new Error(`${source}:${at ?? lines}: ${message}`, { cause: error });
    throw error;
  }
  table?.end();
  if (!table || table.series.length === 0) throw new Error(`${source}:${lines}: the file ends without a case`);
  const { series, channels } = table;
  const classNames = options.classNames ?? sortedNames(table.labels);
  const labels = table.labels.map((label) => (isMissing(label) ? -1 : classNames.indexOf(label)));
  return {
    kind: 'series',
    series,
    lengths: series.map(({ length }) => length / channels),
    channels,
    labels,
    classNames,
  };
}
