import { quoted } from '../../checks/quoted.js';
import {
  type CaseTable,
  cellOf,
  checkSomeValue,
  checkWidth,
  type TableCase,
  type TablePlan,
  valueOf,
} from './caseTable.js';
import type { Row } from './row.js';

/** A row for each case, of one channel. Empty cells at its end say that the series ends before. */
export class WideTable implements CaseTable {
  readonly cases: TableCase[] = [];
  readonly channels = 1;
  private readonly ids = new Set<string>();

  constructor(private readonly plan: TablePlan) {}

  row(row: Row): void {
    const { columns } = this.plan;
    checkWidth(row, this.plan);
    const { values: indices } = columns;
    for (const index of [columns.label, columns.case, columns.group]) {
      if (index !== undefined && index >= row.cells.length) {
        throw new Error(
          `the row has ${row.cells.length} cells; it must have ${index + 1} at least, as far as the label and names`,
        );
      }
    }
    let length = indices.length;
    while (length > 0 && (row.cells[indices[length - 1]] ?? '') === '') length--;
    if (length === 0) throw new Error('the case has no value; it must have at least one');
    let values = Float32Array.from({ length }, (_, position) => valueOf(row, indices[position], this.plan));
    if (this.plan.isPadded) {
      while (length > 1 && Number.isNaN(values[length - 1])) length--;
      values = values.slice(0, length);
    }
    checkSomeValue(values);
    const id = cellOf(row, columns.case);
    if (id !== undefined) {
      if (this.ids.has(id)) throw new Error(`case ${quoted(id)} was seen before; each row must be another case`);
      this.ids.add(id);
    }
    this.cases.push({
      values,
      label: cellOf(row, columns.label),
      line: row.line,
      id,
      group: cellOf(row, columns.group),
    });
  }

  end(): void {}
}
