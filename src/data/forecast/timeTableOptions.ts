import { pickProperties } from '../../pickProperties.js';
import type { ReadOptions } from '../readOptions.js';

/** What of ReadOptions a table in the order of time takes as it is. */
export const timeTableReading = [
  'separator',
  'decimal',
  'header',
  'ignoreColumns',
] as const satisfies readonly (keyof ReadOptions)[];

/** How a table in the order of time is read. */
export interface TimeTableOptions extends Pick<ReadOptions, (typeof timeTableReading)[number]> {
  /** The column of times, as ReadOptions has it; null: there is none. Default: the column `date` or `time`, if there is one. */
  timeColumn?: string | null;
  /** Columns to read, by name, in this order; default: all but that of times. */
  columns?: readonly string[];
}

/** Names of TimeTableOptions. */
export const timeTableOptionNames = ['timeColumn', 'columns', ...timeTableReading] as const;

/**
 * What of ReadOptions says how a table in the order of time is read.
 *
 * @param options come first
 * @param known of another table of the kind
 */
export function timeTableOptionsOf(options: ReadOptions, known: TimeTableOptions = {}): TimeTableOptions {
  const { timeColumn, valueColumns: columns } = options;
  const given = { timeColumn: timeColumn === 'none' ? null : timeColumn, columns };
  return { ...known, ...pickProperties({ ...options, ...given }, timeTableOptionNames) };
}
