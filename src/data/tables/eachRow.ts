import { atLine } from '../../files/atLine.js';
import { decodeText } from '../../files/strictText.js';
import { type Row, type Separator, separators } from './row.js';

/** What Excel's first line may say of the separator. */
export const excelNote = /^\ufeff?sep=(.)$/i;

const ends = ['\r\n', '\n', '\r'];

/** Lines whose cells are separated by any number of blanks; none is quoted. */
function eachBlankRow(bytes: Uint8Array, source: string, take: (row: Row) => void): void {
  decodeText(bytes, source)
    .split(/\r\n|\n|\r/)
    .forEach((text, index) => {
      const cells = text.trim().split(/\s+/);
      if (cells[0] !== '') atLine(source, index + 1, () => take({ cells, line: index + 1 }));
    });
}

/** What the library says is wrong, in other words than its own. */
function reasonOf(code: string, message: string): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote is opened and never closed';
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'a quote is closed within a cell; a quote inside a quoted cell is written twice';
    case 'INVALID_OPENING_QUOTE':
      return 'a quote is opened within a cell; a cell with quotes is quoted as a whole, and its quotes are written twice';
    default:
      return message;
  }
}

/**
 * Goes through the rows of a table, which may be quoted as in RFC 4180; lines end in LF, CRLF or CR. Empty lines are skipped.
 * Node only.
 *
 * @param bytes the table's, in UTF-8
 * @param source its name, for errors
 * @param separator see Separator
 * @param take takes each row; what it throws gets source and line in front
 * @throws Error `source:line: reason`
 */
export async function eachRow(
  bytes: Uint8Array,
  source: string,
  separator: Separator,
  take: (row: Row) => void,
): Promise<void> {
  if (separator === 'blank') return eachBlankRow(bytes, source, take);
  // Not the streaming form of the library: its import of `stream` stops bundlers for browsers.
  const { parse } = await import('csv-parse/sync');
  let line = 1;
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
      bom: true,
      delimiter: separators[separator].character,
      record_delimiter: ends,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: separator !== 'tab', // it would take tabs for blanks
      on_record(cells: string[], info) {
        line = info.lines;
        const isNote = line === 1 && excelNote.test(cells.join(separators[separator].character));
        if (!isNote) atLine(source, line, () => take({ cells: cells.map((cell) => cell.trim()), line }));
        return null;
      },
    });
  } catch (error) {
    const { code, lines: at, message } = error as Error & { code?: string; lines?: number };
    if (code === undefined || !/^CSV_|^INVALID_/.test(code)) throw error;
    throw new Error(`${source}:${at ?? line}: ${reasonOf(code, message)}`, { cause: error });
  }
}
