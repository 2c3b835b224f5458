import { listed, quoted } from '../../checks/quoted.js';
import { orNull, text, texts } from '../../checks/rules.js';
import { check, checkOptions } from '../../checks/values.js';
import { atLine } from '../../files/atLine.js';
import { readBytes } from '../../files/readBytes.js';
import { checkText } from '../../files/strictText.js';
import { pickProperties } from '../../pickProperties.js';
import { checkReadOptions, type ReadOptions } from '../readOptions.js';
import { checkFullRow, checkWidth, type TablePlan, valueOf } from '../tables/caseTable.js';
import { eachRow } from '../tables/eachRow.js';
import { columnName } from '../tables/findColumns.js';
import { findSeparator } from '../tables/findSeparator.js';
import { planTable } from '../tables/planTable.js';
import type { Separator } from '../tables/row.js';
import { scanTable, type TableFacts } from '../tables/scanTable.js';
import { checkLater, parseTime } from '../tables/times.js';
import type { TimeTable } from './timeTable.js';
import { type TimeTableOptions, timeTableOptionNames, timeTableReading } from './timeTableOptions.js';

/** What says that a value is missing, which none may be. */
const missing = ['empty', 'NaN', 'NA', 'N/A', '<NA>', 'null', 'None'];

const timeName = /^(date|time)$/i;

/** Where in the rows the time and the channels are, and how their numbers are written. */
function planOf(facts: TableFacts, source: string, separator: Separator, options: TimeTableOptions): TablePlan {
  const names = facts.first.cells;
  const lost = options.columns?.find((name) => !names.includes(name));
  if (lost !== undefined) {
    throw new Error(
      `${source}:${facts.first.line}: the first row has no column ${quoted(lost)}; its columns are ${listed(names)}`,
    );
  }
  const { timeColumn = names.find((name) => timeName.test(name)), columns } = options;
  const read: ReadOptions = {
    ...pickProperties(options, timeTableReading),
    ...{ layout: 'long', labelColumn: 'none', timeColumn: timeColumn ?? 'none', missing },
    ...(columns && { valueColumns: [...columns] }),
  };
  const plan = planTable(facts, source, separator, read);
  const { case: ofCases, values } = plan.columns;
  return atLine(source, facts.first.line, () => {
    if (ofCases !== undefined) {
      const name = columnName(plan.columns, ofCases);
      throw new Error(
        `${name} names cases; a table to forecast is one, in the order of time: give a file for each, ` +
          'or leave the column out (--ignore-columns)',
      );
    }
    if (!plan.columns.names) throw new Error('the first row holds numbers; it must name the columns');
    if (!columns) return plan;
    // In the order in which they were asked for.
    const ordered = columns.map((name) => values.find((index) => names[index] === name)!);
    return { ...plan, columns: { ...plan.columns, values: ordered } };
  });
}

/**
 * Parses a table in the order of time: a row for each time, names of the columns in the first row. Separators, quotes, numbers
 * and times are those of parseCsv's tables. Node only.
 *
 * @param bytes the table's
 * @param source its name, for errors
 * @param options see TimeTableOptions
 * @throws Error `source:line: reason` for the first malformed row, a value that is missing, a time that does not rise, or what
 *   can be read in two ways
 */
export async function parseTimeTable(
  bytes: Uint8Array,
  source: string,
  options: TimeTableOptions = {},
): Promise<TimeTable> {
  const owner = 'parseTimeTable';
  check(owner, 'bytes', bytes, { must: 'a Uint8Array', test: (value) => value instanceof Uint8Array });
  check(owner, 'source', source, text);
  checkOptions(owner, options, timeTableOptionNames);
  const { timeColumn, columns } = options;
  if (timeColumn !== undefined) check(owner, 'timeColumn', timeColumn, orNull(text));
  if (columns !== undefined) check(owner, 'columns', columns, texts);
  checkReadOptions(owner, pickProperties(options, timeTableReading));
  checkText(bytes, source);
  const separator = options.separator ?? findSeparator(bytes, source);
  const facts = await scanTable(bytes, source, separator);
  const plan = planOf(facts, source, separator, options);
  const { names, time, values: channels } = plan.columns;
  const placeOf = (index: number) => columnName(plan.columns, index);

  const values: number[] = [];
  const times: string[] = [];
  let [last, before] = [facts.first.line, -Infinity];
  await eachRow(bytes, source, separator, (row) => {
    if (row.line === facts.first.line) return;
    last = row.line;
    checkWidth(row, plan);
    checkFullRow(row, plan);
    for (const index of channels) {
      const value = valueOf(row, index, plan);
      if (Number.isNaN(value))
        throw new Error(`${placeOf(index)} was missing; a forecast needs all values: fill it in`);
      values.push(value);
    }
    if (time === undefined) return;
    const found = row.cells[time];
    const number = parseTime(found, plan.form, () => placeOf(time));
    checkLater(number, before, found, times.at(-1), () => placeOf(time));
    before = number;
    times.push(found);
  });
  if (values.length === 0) throw new Error(`${source}:${last}: the file ends without a row of values`);
  return {
    channelNames: channels.map((index) => names![index]),
    values: Float32Array.from(values),
    ...(time !== undefined && { times, timeColumn: names![time] }),
  };
}

/** Reads such a table from a file, perhaps gzipped; see parseTimeTable. Node only. */
export async function readTimeTable(path: string, options: TimeTableOptions = {}): Promise<TimeTable> {
  return parseTimeTable(await readBytes(path), path, options);
}
