import { markdownTable as format } from 'markdown-table';
import { inLine } from '../checks/quoted.js';
import type { Columns } from './html.js';

/** A text as it may stand in a cell. */
const cell = (text: string) => inLine(text).replaceAll('|', '\\|');

/** The rows as a Markdown table, padded so that it reads well as plain text too. Empty columns are left out. */
export function markdownTable<Row>({ columns }: Columns<Row>, rows: readonly Row[]): string {
  const shown = columns.filter(([, , text]) => rows.some((row) => text(row) !== ''));
  const cells = [shown.map(([title]) => cell(title)), ...rows.map((row) => shown.map(([, , text]) => cell(text(row))))];
  return format(cells, { align: shown.map(([, width]) => (width < 0 ? 'l' : 'r')) });
}
