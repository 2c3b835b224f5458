import { listed } from '../../checks/quoted.js';
import { counted } from '../../checks/counted.js';
import type { ReadOptions } from '../readOptions.js';
import { type Columns, columnName } from './findColumns.js';
import type { TableFacts } from './scanTable.js';

/** Names of positions: these, or nothing, and a number. */
const positionName = /^(|[tvp]|value|val|position|pos|time|step|att|col|column|point|sample)[ _.-]?(\d+)$/i;

/**
 * @param names of the columns with values, in their order
 * @returns the number of the first position, if the names number positions, each one more than the one before
 */
export function firstPosition(names: readonly string[]): number | undefined {
  const found = names.map((name) => positionName.exec(name));
  const [first] = found;
  if (!first) return undefined;
  const start = Number(first[2]);
  const isRow = found.every((match, i) => match && match[1] === first[1] && Number(match[2]) === start + i);
  return isRow ? start : undefined;
}

const shape = (cases: number, positions: number | string, channels: number) =>
  `${counted(cases, 'case')} x ${typeof positions === 'number' ? counted(positions, 'position') : positions} x ${counted(channels, 'channel')}`;

/**
 * Whether a row is a case or a position.
 *
 * @param facts of the table
 * @param columns of the table
 * @param options see ReadOptions
 * @param channels of the cases, where that is known
 * @returns 'wide' or 'long', see ReadOptions
 * @throws Error that shows the readings and what decides, if both can be
 */
export function findLayout(
  facts: TableFacts,
  columns: Columns,
  options: ReadOptions,
  channels?: number,
): 'wide' | 'long' {
  if (options.layout) {
    if (options.layout === 'wide' && options.windowLength !== undefined) {
      throw new Error(
        '--window-length was given for a wide table; only long ones, whose rows are positions, have windows',
      );
    }
    return options.layout;
  }
  if (options.windowLength !== undefined) return 'long';
  const rows = facts.rows + (columns.names ? 0 : 1);
  const values = columns.values.length;
  // A model takes one of the readings only.
  if (values > 1 && channels === values) return 'long';
  if (values > 1 && channels === 1 && !facts.columns[columns.case ?? -1]?.repeats) return 'wide';
  const wide = `${shape(rows, values, 1)}, each row a case (--layout wide)`;
  if (columns.case !== undefined) {
    if (facts.columns[columns.case]?.repeats || (rows === 1 && values === 1)) return 'long';
    const times =
      columns.time === undefined ? `, or ${columnName(columns, columns.case)} holds times (--time-column)` : '';
    throw new Error(
      `no two rows one after the other have the same ${columnName(columns, columns.case)}, so they can be ${wide}, or ` +
        `${shape(rows, 1, values)}, each row a position (--layout long)${times}; say which`,
    );
  }
  if (columns.time !== undefined) {
    throw new Error(
      `the rows have times and no case, so they can be one log of ${counted(rows, 'position')} x ` +
        `${counted(values, 'channel')}, which is cut into cases (--window-length), or a single case of as many (--layout long); ` +
        'say which, or which column names the case (--case-column)',
    );
  }
  const names = columns.names && columns.values.map((index) => columns.names![index]);
  if (!names || values < 2 || firstPosition(names) !== undefined) return 'wide';
  throw new Error(
    `the columns ${listed(names.slice(0, 4))}${values > 4 ? ', ...' : ''} can be positions: ${wide}; or channels: one log of ` +
      `${counted(rows, 'position')} x ${counted(values, 'channel')}, cut into cases (--window-length) or not (--layout long); say which`,
  );
}
