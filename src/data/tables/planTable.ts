import { listed, quoted } from '../../checks/quoted.js';
import { atLine } from '../../files/atLine.js';
import { pickProperties } from '../../pickProperties.js';
import { type Reading, type ReadOptions, readOptionNames } from '../readOptions.js';
import type { TablePlan } from './caseTable.js';
import { type Columns, findColumns } from './findColumns.js';
import { findDecimal } from './findDecimal.js';
import { findHeader } from './findHeader.js';
import { findLayout } from './findLayout.js';
import { matchColumns } from './matchColumns.js';
import { numberForm } from './numbers.js';
import type { Separator } from './row.js';
import { addCell, type TableFacts } from './scanTable.js';
import type { LabelUse } from './tableClasses.js';

/** How a table is read, and what is known before. */
export interface TableOptions extends ReadOptions {
  /**
   * 'required', the default: each case has a label. 'optional': they may be missing. 'ignored': as in cases to predict, none is
   * read.
   */
  labels?: LabelUse;
  /** Names of the classes, in order; default: the labels found, sorted, as numbers if all are. */
  classNames?: readonly string[];
  /** Whether missing values at the end of a wide row end its series, as in the UCR archive. */
  isPadded?: boolean;
  /** Channels of the cases, where that is known. */
  channels?: number;
  /** How a table of the kind was read, such as the training part: this one is read the same way. Options come before it. */
  reading?: Reading;
}

/** @throws Error that says where the label can be, in a table without names */
function noLabelColumn(facts: TableFacts, columns: Columns): Error {
  const { names } = columns;
  const cells = facts.first.cells;
  if (names?.length === 1) {
    const rest = facts.columns.length > 1 ? `, where other rows have up to ${facts.columns.length}` : '';
    return new Error(
      `the first row has one cell, ${quoted(names[0])}${rest}; it must name the columns, separated by commas, semicolons, tabs or blanks`,
    );
  }
  if (names) {
    return new Error(
      `no column is named label: the columns are ${listed(names)}; --label-column says which one holds the classes`,
    );
  }
  const [rows, width] = [facts.rows + 1, facts.columns.length];
  return new Error(
    `the table has no first row of names, so its first column can be the label (${quoted(cells[0])}, then ${width - 1} values: ` +
      `--label-column first), or its last (${quoted(cells.at(-1)!)} after ${width - 1} values: --label-column last), or there is none ` +
      `(${rows} cases of ${width} values: --label-column none); say which`,
  );
}

/** Names of columns that another table of the kind has. */
function namesOf({ columns = [], labelColumn, targetColumn, caseColumn, timeColumn }: Reading): string[] {
  return [...columns, labelColumn, targetColumn, caseColumn, timeColumn].filter((name) => name !== undefined);
}

/** What is told of another table of the kind, where it can be read in two ways, too. */
const forms = ['separator', 'decimal', 'header'] as const;

/** What a model must keep to read another table the same way. */
function readingOf(columns: Columns, layout: 'wide' | 'long', options: ReadOptions): Reading {
  const { names, values } = columns;
  const nameOf = (index: number | undefined) => (index === undefined ? undefined : names?.[index]);
  const found = {
    ...pickProperties(options, ['windowLength', 'stride', 'maxGap', 'missing', 'ignoreColumns', ...forms]),
    layout,
    [options.targetColumn === undefined ? 'labelColumn' : 'targetColumn']: nameOf(columns.label),
    caseColumn: nameOf(columns.case),
    timeColumn: nameOf(columns.time),
    groupColumn: nameOf(columns.group),
    columns: names && values.map((index) => names[index]),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/**
 * Decides how a table is read: header, columns, layout and numbers, by the options, by how another table of the kind was read,
 * and by what it holds.
 *
 * @param facts of the table; if it has no header, the first row is added to them
 * @param source its name, for errors
 * @param separator of the table
 * @param given see TableOptions
 * @throws Error that shows the readings, if more than one is possible
 */
export function planTable(facts: TableFacts, source: string, separator: Separator, given: TableOptions): TablePlan {
  const { labels } = given;
  // The number of a case stands where a class would.
  const asLabel = ({ targetColumn, labelColumn = targetColumn, ...others }: Reading): Reading =>
    targetColumn === undefined && labelColumn === undefined ? others : { ...others, targetColumn, labelColumn };
  const reading = asLabel(given.reading ?? {});
  const options = asLabel(pickProperties(given as ReadOptions, readOptionNames));
  const hasHeader = findHeader(facts, source, options, { names: namesOf(reading), header: reading.header });
  if (!hasHeader) facts.first.cells.forEach((cell, i) => addCell(facts.columns[i], cell, facts.first.line));
  return atLine(source, facts.first.line, () => {
    const columns = findColumns(facts, hasHeader, options, reading);
    const isSaid = options.labelColumn !== undefined;
    if (columns.label === undefined && !isSaid && (labels === undefined || labels === 'required' || !hasHeader)) {
      throw noLabelColumn(facts, columns);
    }
    const { columns: known, caseColumn } = reading;
    const all = {
      ...pickProperties(reading, [...forms, 'layout', 'targetColumn', 'windowLength', 'stride', 'maxGap', 'missing']),
      ...options,
    };
    if (columns.values.length === 0 && !known) throw new Error('no column holds values; at least one must');
    const layout = findLayout(facts, columns, all, given.channels);
    const isCaseLost = layout === 'long' && columns.case === undefined && caseColumn !== undefined;
    if (isCaseLost && options.caseColumn === undefined) {
      throw new Error(
        `the column ${quoted(caseColumn)}, which names the case, is missing; --case-column none does without`,
      );
    }
    if (known) columns.values = matchColumns(columns, known, layout);
    const form = numberForm(findDecimal(facts, columns, separator, options.decimal, reading.decimal), all.missing);
    const width = columns.names?.length ?? facts.columns.length;
    const { windowLength, stride = windowLength, maxGap } = all;
    const byLabel = labels !== 'ignored' && columns.label !== undefined;
    const windows = windowLength === undefined ? undefined : { windowLength, stride: stride!, byLabel, maxGap };
    return {
      columns,
      layout,
      form,
      width,
      windows,
      isPadded: given.isPadded,
      reading: readingOf(columns, layout, all),
    };
  });
}
