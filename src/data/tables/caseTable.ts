import { type NumberForm, parseNumber } from './numbers.js';
import { type Columns, columnName } from './findColumns.js';
import type { Reading } from '../readOptions.js';
import type { Row } from './row.js';

/** A case as a table has it. */
export interface TableCase {
  /** Time-major. */
  values: Float32Array;
  /** As it stands in the table; undefined if there is no column for it. */
  label?: string;
  /** Line of the label, for errors. */
  line: number;
  id?: string;
  group?: string;
}

/** Takes the rows of a table one by one, and turns them into cases. */
export interface CaseTable {
  readonly cases: TableCase[];
  /** Values at each position. */
  readonly channels: number;
  /** @throws Error if the row is malformed */
  row(row: Row): void;
  /**
   * Must be called after the last row.
   *
   * @param at does something that may fail on account of a line
   */
  end(at: (line: number, work: () => void) => void): void;
}

/** Windows that are cut out of a long table, see ReadOptions. */
export interface Windows {
  windowLength: number;
  stride: number;
  /** Whether a change of the label ends a run, so that no window has two. */
  byLabel: boolean;
  /** The largest step of time within a window; undefined: it is not said. */
  maxGap?: number | 'none';
}

/** How a table is read. */
export interface TablePlan {
  columns: Columns;
  layout: 'wide' | 'long';
  windows?: Windows;
  /** What a model must keep to read another table the same way. */
  reading: Reading;
  form: NumberForm;
  /** Whether missing values at the end of a wide row end its series, too. */
  isPadded?: boolean;
  /** Cells of a row, at most. */
  width: number;
}

/** @throws Error if cells beyond the table's width hold something */
export function checkWidth({ cells }: Row, { width, columns }: TablePlan): void {
  if (cells.length <= width || cells.slice(width).every((cell) => cell === '')) return;
  const must = columns.names ? ', as the first row has names' : '';
  const rows = columns.names && cells.length === width + 1 ? '; R writes names of rows unless row.names = FALSE' : '';
  throw new Error(`the row has ${cells.length} cells; it must have at most ${width}${must}${rows}`);
}

/** @throws Error if a row has fewer cells than the table */
export function checkFullRow({ cells }: Row, { width }: TablePlan): void {
  if (cells.length >= width) return;
  throw new Error(`the row has ${cells.length} cells; it must have ${width}, as the first row`);
}

/** The number of a row's cell; NaN if it is missing. */
export function valueOf({ cells }: Row, index: number, { columns, form }: TablePlan): number {
  return parseNumber(cells[index] ?? '', form, () => columnName(columns, index));
}

/** The cell of a column that need not be there. */
export const cellOf = ({ cells }: Row, index: number | undefined): string | undefined =>
  index === undefined ? undefined : (cells[index] ?? '');

/** @throws Error if all values of a case are missing */
export function checkSomeValue(values: ArrayLike<number>, what = 'the case'): void {
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) return;
  throw new Error(`${what} has no value; it must have at least one that is not missing`);
}
