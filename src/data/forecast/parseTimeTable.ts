import { listed, quoted, shortened } from '../../checks/quoted.js';
import { orNull, text, texts } from '../../checks/rules.js';
import { check, checkOptions } from '../../checks/values.js';
import { atLine } from '../../files/atLine.js';
import { readBytes } from '../../files/readBytes.js';
import { timeOf } from './times.js';
import type { TimeTable } from './timeTable.js';

/** How a table in the order of time is read. */
export interface TimeTableOptions {
  /** Name of the column of times; null: there is none. Default: the column `date` or `time`, if there is one. */
  timeColumn?: string | null;
  /** Columns to read, by name, in this order; default: all but that of times. */
  columns?: readonly string[];
}

const timeNames = ['date', 'time'];

/** Where in the rows the time and the channels are. */
function findColumns(names: readonly string[], { timeColumn, columns }: TimeTableOptions) {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`the column ${quoted(twice)} is twice in the first row`);
  const indexOf = (name: string) => {
    const index = names.indexOf(name);
    if (index < 0) throw new Error(`the first row has no column ${quoted(name)}; its columns are ${listed(names)}`);
    return index;
  };
  const found = timeColumn === undefined ? names.findIndex((name) => timeNames.includes(name.toLowerCase())) : -1;
  const time = typeof timeColumn === 'string' ? indexOf(timeColumn) : found;
  const channels = columns?.map(indexOf) ?? names.flatMap((_, index) => (index === time ? [] : [index]));
  if (channels.length === 0) throw new Error('the first row names no column of values; it must name one or more');
  return { time, channels };
}

/** @throws Error that says which rows have cells in the wrong order, or are no numbers */
function numberOf(text: string, name: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(Math.fround(value))) return value;
  const found = text.trim() === '' ? 'missing' : quoted(text);
  throw new Error(`${shortened(name)} was ${found}; it must be a number that float32 holds: fill in what is missing`);
}

/**
 * Parses a table of comma-separated values in the order of time: a row for each time, names of the columns in the first row.
 * Node only.
 *
 * @param bytes the table's
 * @param source its name, for errors
 * @param options see TimeTableOptions
 * @throws Error `source:line: reason` for the first malformed row, a value that is missing, a time that does not rise
 */
export async function parseTimeTable(
  bytes: Uint8Array,
  source: string,
  options: TimeTableOptions = {},
): Promise<TimeTable> {
  const owner = 'parseTimeTable';
  check(owner, 'bytes', bytes, { must: 'a Uint8Array', test: (value) => value instanceof Uint8Array });
  check(owner, 'source', source, text);
  checkOptions(owner, options, ['timeColumn', 'columns'] satisfies (keyof TimeTableOptions)[]);
  const { timeColumn, columns } = options;
  if (timeColumn !== undefined) check(owner, 'timeColumn', timeColumn, orNull(text));
  if (columns !== undefined) check(owner, 'columns', columns, texts);
  // Not the streaming form of the library: its import of `stream` stops bundlers for browsers.
  const { parse } = await import('csv-parse/sync');
  let names: string[] | undefined;
  let places: ReturnType<typeof findColumns> | undefined;
  const values: number[] = [];
  const times: string[] = [];
  const takeRow = (row: string[]) => {
    if (!names || !places) {
      if (row.every((cell) => cell !== '' && Number.isFinite(Number(cell)))) {
        throw new Error('the first row has numbers only; it must name the columns');
      }
      names = row;
      places = findColumns(row, options);
      return;
    }
    if (row.length !== names.length) {
      throw new Error(`the row has ${row.length} cells; it must have ${names.length}, as the first row`);
    }
    for (const index of places.channels) values.push(numberOf(row[index], names[index]));
    if (places.time < 0) return;
    const time = row[places.time];
    const [number, before] = [timeOf(time), times.at(-1)];
    if (!Number.isFinite(number)) {
      throw new Error(
        `${shortened(names[places.time])} was ${quoted(time)}; it must be a number, or a date as 2016-07-01 12:00:00`,
      );
    }
    if (before !== undefined && number <= timeOf(before)) {
      throw new Error(
        `${shortened(names[places.time])} was ${quoted(time)} after ${quoted(before)}; rows must be in the order of time`,
      );
    }
    times.push(time);
  };
  let lines = 1;
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      ...{ bom: true, relax_column_count: true, skip_empty_lines: true, trim: true },
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
  if (!names || !places || values.length === 0)
    throw new Error(`${source}:${lines}: the file ends without a row of values`);
  const [all, { time, channels }] = [names, places];
  return {
    channelNames: channels.map((index) => all[index]),
    values: Float32Array.from(values),
    ...(time >= 0 && { times, timeColumn: all[time] }),
  };
}

/** Reads such a table from a file, perhaps gzipped; see parseTimeTable. Node only. */
export async function readTimeTable(path: string, options: TimeTableOptions = {}): Promise<TimeTable> {
  return parseTimeTable(await readBytes(path), path, options);
}
