import { quoted } from '../../checks/quoted.js';
import { parseValue } from './parseValue.js';

/** Takes the rows of a table one by one, and turns them into cases. */
export interface CaseTable {
  /** Time-major, see TimeSeriesData. */
  readonly series: Float32Array[];
  readonly channels: number;
  /** Labels as written in the table; undefined if it has no column for them. */
  readonly labels: (string | undefined)[];
  /** @throws Error if the row is malformed */
  row(cells: readonly string[]): void;
  /** Must be called after the last row. */
  end(): void;
}

/** @param column of the cell, from 0, for errors */
function parseCell(cell: string, channel: number, position: number, column: number): number {
  if (cell === '') return NaN;
  try {
    return parseValue(cell, channel, position);
  } catch (error) {
    throw new Error(`${(error as Error).message} (column ${column + 1})`, { cause: error });
  }
}

/** A row for each case, `label,v,v,...`. Empty cells at its end, which spreadsheet programs write, are ignored. */
export class WideTable implements CaseTable {
  readonly series: Float32Array[] = [];
  readonly labels: string[] = [];
  readonly channels = 1;

  row([label, ...cells]: readonly string[]): void {
    let length = cells.length;
    while (length > 0 && cells[length - 1] === '') length--;
    if (length === 0) throw new Error('the case has no value; it must have a label and at least one value');
    this.series.push(
      Float32Array.from(cells.slice(0, length), (cell, position) => parseCell(cell, 0, position, position + 1)),
    );
    this.labels.push(label);
  }

  end(): void {}
}

/** A row for each position, `case,label,v,v,...`, with names of the columns in the first row. */
export class LongTable implements CaseTable {
  readonly series: Float32Array[] = [];
  readonly labels: (string | undefined)[] = [];
  readonly channels: number;
  private readonly labelColumn: number;
  private readonly ids = new Set<string>();
  private id: string | undefined;
  private values: number[] = [];

  /** @param header the names: `case`, perhaps `label`, and one for each channel */
  constructor(private readonly header: readonly string[]) {
    const repeated = header.find((name, index) => header.indexOf(name) < index);
    if (repeated !== undefined) throw new Error(`the column ${quoted(repeated)} is twice in the first row`);
    this.labelColumn = header.findIndex((name) => name.toLowerCase() === 'label');
    this.channels = header.length - (this.labelColumn >= 0 ? 2 : 1);
    if (this.channels === 0) throw new Error('the first row names no channel; it must, after case and label');
  }

  row(cells: readonly string[]): void {
    if (cells.length !== this.header.length) {
      throw new Error(`the row has ${cells.length} cells; it must have ${this.header.length}, as the first row`);
    }
    const id = cells[0];
    const label = cells.at(this.labelColumn);
    if (id !== this.id) this.begin(id, this.labelColumn >= 0 ? label : undefined);
    else if (this.labelColumn >= 0 && label !== this.labels.at(-1)) {
      throw new Error(
        `the label was ${quoted(label!)}; it must be ${quoted(this.labels.at(-1)!)}, as in the case's first row`,
      );
    }
    const position = this.values.length / this.channels;
    let channel = 0;
    cells.forEach((cell, column) => {
      if (column > 0 && column !== this.labelColumn) this.values.push(parseCell(cell, channel++, position, column));
    });
  }

  end(): void {
    if (this.id !== undefined) this.series.push(Float32Array.from(this.values));
    this.values = [];
  }

  private begin(id: string, label: string | undefined): void {
    if (this.ids.has(id)) throw new Error(`case ${quoted(id)} was seen before; the rows of a case must be consecutive`);
    this.end();
    this.ids.add(id);
    this.id = id;
    this.labels.push(label);
  }
}
