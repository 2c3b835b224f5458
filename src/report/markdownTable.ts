import { markdownTable as format } from 'markdown-table';
import type { Columns } from './html.js';

/** The rows as a Markdown table, padded so that it reads well as plain text too. Empty columns are left out. */
export function markdownTable<Row>({ columns }: Columns<Row>, rows: readonly Row[]): string {
  const shown = columns.filter(([, , text]) => rows.some((row) => text(row) !== ''));
  const cells = [shown.map(([title]) => title), ...rows.map((row) => shown.map(([, , text]) => text(row)))];
  return format(cells, { align: shown.map(([, width]) => (width < 0 ? 'l' : 'r')) });
}
