import type { Table } from './format.js';
import type { Settings } from './settings.js';

/** Measures row by row, and prints the lines of the table as they come. */
export async function measureRows<Row, Result>(
  { log }: Settings,
  table: Table<Result>,
  rows: readonly Row[],
  measure: (row: Row) => Promise<Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  log(table.header);
  for (const row of rows) {
    for (const result of await measure(row)) {
      results.push(result);
      log(table.line(result));
    }
  }
  return results;
}
