import { eachRow } from './eachRow.js';
import { hasComma, isNumber, mayBeThousands } from './numbers.js';
import type { Row, Separator } from './row.js';

/** A cell that is an example of something. */
export interface Example {
  text: string;
  line: number;
}

/** What the cells of a column are, those of the first row aside. */
export interface ColumnFacts {
  numbers: number;
  /** Neither numbers, nor empty or `?`. */
  texts: number;
  empty: number;
  /** The first cell with a comma before decimals that can be nothing else, with one before three of them, with a point. */
  comma?: Example;
  thousands?: Example;
  point?: Example;
  /** Whether two rows, one after the other, have the same cell. */
  repeats: boolean;
}

/** What a table holds, before anything is decided about it. */
export interface TableFacts {
  first: Row;
  /** As many as the longest row has cells. */
  columns: ColumnFacts[];
  /** Rows besides the first. */
  rows: number;
}

const emptyFacts = (): ColumnFacts => ({ numbers: 0, texts: 0, empty: 0, repeats: false });

/** Takes a cell into account. */
export function addCell(facts: ColumnFacts, text: string, line: number): void {
  if (text === '' || text === '?') {
    if (text === '') facts.empty++;
    return;
  }
  if (!isNumber(text)) {
    facts.texts++;
    return;
  }
  facts.numbers++;
  if (mayBeThousands(text)) facts.thousands ??= { text, line };
  else if (hasComma(text)) facts.comma ??= { text, line };
  else if (text.includes('.')) facts.point ??= { text, line };
}

/**
 * Goes through a table once, to see what it holds.
 *
 * @throws Error if there is no row, or the table is malformed
 */
export async function scanTable(bytes: Uint8Array, source: string, separator: Separator): Promise<TableFacts> {
  let first: Row | undefined;
  let rows = 0;
  const columns: ColumnFacts[] = [];
  let previous: readonly string[] = [];
  await eachRow(bytes, source, separator, (row) => {
    const { cells, line } = row;
    while (columns.length < cells.length) columns.push(emptyFacts());
    if (!first) {
      first = row;
      return;
    }
    for (let i = 0; i < cells.length; i++) {
      addCell(columns[i], cells[i], line);
      columns[i].repeats ||= rows > 0 && cells[i] === previous[i];
    }
    previous = cells;
    rows++;
  });
  if (!first) throw new Error(`${source}:1: the file ends without a case`);
  return { first, columns, rows };
}
