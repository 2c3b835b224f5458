import { quoted } from '../../checks/quoted.js';
import {
  type CaseTable,
  cellOf,
  checkFullRow,
  checkSomeValue,
  checkWidth,
  type TableCase,
  type TablePlan,
  type Windows,
  valueOf,
} from './caseTable.js';
import { columnName } from './findColumns.js';
import type { Row } from './row.js';
import { checkLater, parseTime } from './times.js';

/** A step of time that is so many times as large as most is a gap, or not. */
const FAR = 10;

/** Rows in sequence that belong together. */
interface Run {
  id?: string;
  label?: string;
  group?: string;
  line: number;
  time: number;
  /** As the table has it. */
  timeText?: string;
  values: number[];
}

/**
 * A row for each position. Rows of a case are consecutive; without a column for it, all are one case. With windows, each window
 * is a case: none reaches over the end of a case, or a change of label.
 */
export class LongTable implements CaseTable {
  readonly cases: TableCase[] = [];
  readonly channels: number;
  private readonly ids = new Set<string>();
  private run: Run | undefined;
  /** Steps of time within cases, if it is not said how large they may be. */
  private readonly steps: { line: number; step: number }[] = [];

  constructor(private readonly plan: TablePlan) {
    this.channels = plan.columns.values.length;
  }

  row(row: Row): void {
    const { columns } = this.plan;
    checkWidth(row, this.plan);
    checkFullRow(row, this.plan);
    const id = cellOf(row, columns.case);
    if (!this.run || id !== this.run.id) this.beginCase(row, id);
    else this.continueCase(this.run, row);
    const run = this.run!;
    for (const index of columns.values) run.values.push(valueOf(row, index, this.plan));
  }

  end(at: (line: number, work: () => void) => void): void {
    if (this.run) at(this.run.line, () => this.endRun());
    this.checkSteps(at);
  }

  private endRun(): void {
    const { run } = this;
    const { windows } = this.plan;
    this.run = undefined;
    if (!run) return;
    const { id, line, values, label, group } = run;
    if (windows) return this.cut(run, windows);
    checkSomeValue(values, `the case that begins in line ${line}`);
    this.cases.push({ values: Float32Array.from(values), label, line, id, group });
  }

  private cut({ values, label, line, id, ...run }: Run, { windowLength, stride }: Windows): void {
    const { channels } = this;
    // Windows of a case, or of rows that several have, must not be told apart by a split.
    const group = run.group ?? id ?? (stride < windowLength ? `${line}` : undefined);
    for (let first = 0; (first + windowLength) * channels <= values.length; first += stride) {
      const part = values.slice(first * channels, (first + windowLength) * channels);
      const [begin, end] = [line + first, line + first + windowLength - 1];
      checkSomeValue(part, `the window of lines ${begin} to ${end}`);
      const name = `${id === undefined ? '' : `${id}:`}${begin}-${end}`;
      this.cases.push({ values: Float32Array.from(part), label, line: begin, id: name, group });
    }
  }

  /** Whether a window must end before a row, by the step of time to it. */
  private isGap({ line }: Row, step: number): boolean {
    const { windows } = this.plan;
    if (!windows) return false;
    if (windows.maxGap === undefined) this.steps.push({ line, step });
    return typeof windows.maxGap === 'number' && step > windows.maxGap;
  }

  /** @throws Error if a step of time is far larger than most, and nothing says whether windows may reach over it */
  private checkSteps(at: (line: number, work: () => void) => void): void {
    const sorted = Float64Array.from(this.steps, ({ step }) => step).sort();
    const most = sorted[sorted.length >> 1];
    const gap = this.steps.find(({ step }) => step > FAR * most);
    if (!gap) return;
    const place = columnName(this.plan.columns, this.plan.columns.time!);
    const shown = (value: number) => `${Number(value.toPrecision(4))}`;
    at(gap.line, () => {
      throw new Error(
        `${place} goes on by ${shown(gap.step)}, where half of the steps are ${shown(most)} or less: windows can end there ` +
          `(--max-gap ${shown(2 * most)}), or reach over it (--max-gap none); say which`,
      );
    });
  }

  private beginCase(row: Row, id: string | undefined): void {
    if (id !== undefined && this.ids.has(id)) {
      throw new Error(`case ${quoted(id)} was seen before; the rows of a case must be consecutive`);
    }
    if (id !== undefined) this.ids.add(id);
    this.begin(row, id);
  }

  private begin(row: Row, id: string | undefined): void {
    const { columns } = this.plan;
    this.endRun();
    const label = cellOf(row, columns.label);
    const group = cellOf(row, columns.group);
    const timeText = cellOf(row, columns.time);
    this.run = { id, label, group, line: row.line, time: this.timeOf(row), timeText, values: [] };
  }

  private continueCase(run: Run, row: Row): void {
    const { columns } = this.plan;
    const time = this.timeOf(row);
    if (columns.time !== undefined) {
      const found = row.cells[columns.time];
      checkLater(time, run.time, found, run.timeText, () => columnName(columns, columns.time!));
      run.timeText = found;
      if (this.isGap(row, time - run.time)) return this.begin(row, run.id);
    }
    const label = cellOf(row, columns.label);
    if (label !== run.label && this.plan.windows?.byLabel) return this.begin(row, run.id);
    if (label !== run.label && !this.plan.windows) {
      throw new Error(`the label was ${quoted(label!)}; it must be ${quoted(run.label!)}, as in the case's first row`);
    }
    const group = cellOf(row, columns.group);
    if (group !== run.group) {
      if (this.plan.windows) return this.begin(row, run.id);
      throw new Error(
        `${columnName(columns, columns.group!)} was ${quoted(group!)}; it must be ${quoted(run.group!)}, as in the case's first row`,
      );
    }
    run.time = time;
  }

  /** Also for errors in the first row of a case. */
  private timeOf(row: Row): number {
    const { columns } = this.plan;
    if (columns.time === undefined) return 0;
    return parseTime(row.cells[columns.time], this.plan.form, () => columnName(columns, columns.time!));
  }
}
