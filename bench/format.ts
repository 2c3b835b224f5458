// Numbers and tables for people. Tables are Markdown, so that they can stand in a README as they are.

export { fourDigits, percent } from '../src/report/numbers.js';

/** A title, its width in characters (negative: text, aligned left), and the text for a row. */
export type Column<Row> = readonly [title: string, width: number, text: (row: Row) => string];

/** Lines of a table that is printed as it grows. */
export class Table<Row> {
  constructor(readonly columns: readonly Column<Row>[]) {}

  get header(): string {
    const rule = this.columns.map(([, width]) => '-'.repeat(Math.abs(width) - 1) + (width < 0 ? '-' : ':'));
    return `${this.join(this.columns.map(([title]) => title))}\n${this.join(rule)}`;
  }

  line(row: Row): string {
    return this.join(this.columns.map(([, , text]) => text(row)));
  }

  private join(texts: string[]): string {
    const pad = (text: string, width: number) => (width < 0 ? text.padEnd(-width) : text.padStart(width));
    return `| ${texts.map((text, index) => pad(text, this.columns[index][1])).join(' | ')} |`;
  }
}
