import { atLine } from '../../files/atLine.js';
import { checkText } from '../../files/strictText.js';
import type { TimeSeriesData } from '../timeSeries.js';
import type { CaseTable } from './caseTable.js';
import { eachRow } from './eachRow.js';
import { findSeparator } from './findSeparator.js';
import { LongTable } from './longTable.js';
import { planTable, type TableOptions } from './planTable.js';
import { scanTable } from './scanTable.js';
import { tableClasses, tableTargets } from './tableClasses.js';
import { WideTable } from './wideTable.js';

/** A property that is there if all cases have it. */
function ofAll<Name extends string>(name: Name, values: readonly (string | undefined)[]): { [_ in Name]?: string[] } {
  return (values.every((value) => value !== undefined) ? { [name]: values } : {}) as { [_ in Name]?: string[] };
}

/**
 * Reads time series from a table, see ReadOptions. Node only. Nothing is guessed: what can be read in two ways, and is not
 * decided by an option, is an error. The table is gone through twice, so that only its numbers are kept.
 *
 * @param bytes the table's, in UTF-8
 * @param source its name, for errors
 * @param options see TableOptions
 * @returns the cases; missing values are NaN, missing labels -1
 * @throws Error `source:line: reason`
 */
export async function readTable(bytes: Uint8Array, source: string, options: TableOptions): Promise<TimeSeriesData> {
  checkText(bytes, source);
  const separator = options.separator ?? findSeparator(bytes, source, options.reading?.separator);
  const facts = await scanTable(bytes, source, separator);
  const plan = planTable(facts, source, separator, options);
  const { layout, columns, windows, reading } = plan;
  const table: CaseTable = layout === 'wide' ? new WideTable(plan) : new LongTable(plan);
  let last = facts.first.line;
  await eachRow(bytes, source, separator, (row) => {
    last = row.line;
    if (columns.names === undefined || row.line > facts.first.line) table.row(row);
  });
  table.end((line, work) => atLine(source, line, work));
  const { cases, channels } = table;
  if (cases.length === 0) {
    const why = windows ? `: none has ${windows.windowLength} rows, as --window-length asks for` : '';
    throw new Error(`${source}:${last}: the file ends without a case${why}`);
  }
  const { names, values } = columns;
  return {
    kind: 'series',
    series: cases.map((one) => one.values),
    lengths: cases.map((one) => one.values.length / channels),
    channels,
    ...(layout === 'long' && names && { channelNames: values.map((index) => names[index]) }),
    ...(reading.targetColumn === undefined && options.targetColumn === undefined
      ? tableClasses(cases, source, options.labels, options.classNames)
      : tableTargets(
          cases,
          source,
          options.labels,
          names && columns.label !== undefined ? names[columns.label] : undefined,
        )),
    ...ofAll(
      'ids',
      cases.map(({ id }) => id),
    ),
    ...ofAll(
      'groups',
      cases.map(({ group }) => group),
    ),
    reading,
  };
}
