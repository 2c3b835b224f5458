import { listed } from '../../checks/quoted.js';
import type { ReadOptions } from '../readOptions.js';
import { isNumber } from './numbers.js';
import { isRoleName } from './roleNames.js';
import type { TableFacts } from './scanTable.js';

/** Whether cells hold at least two integers, each one more than that before: names as pandas gives them, or values. */
function counts(cells: readonly string[]): boolean {
  const numbers = cells.filter(isNumber);
  return (
    numbers.length > 1 && numbers.every((text, i) => /^\d+$/.test(text) && Number(text) === Number(numbers[0]) + i)
  );
}

/** Names of columns that the options say. */
function namesIn({ labelColumn, caseColumn, timeColumn, groupColumn, ...lists }: ReadOptions): (string | undefined)[] {
  const { valueColumns = [], ignoreColumns = [] } = lists;
  return [labelColumn, caseColumn, timeColumn, groupColumn, ...valueColumns, ...ignoreColumns];
}

/**
 * @param facts of a table
 * @param source its name, for errors
 * @param options what is said of it
 * @param known names of columns that another table of the kind has, and what an option has said of its first row
 * @returns whether its first row holds names
 * @throws Error that shows both readings, if either can be
 */
export function findHeader(
  { first, columns, rows }: TableFacts,
  source: string,
  options: ReadOptions,
  known: { names: readonly string[]; header?: ReadOptions['header'] },
): boolean {
  if (options.header) return options.header === 'yes';
  const { cells, line } = first;
  const named = new Set([...namesIn(options), ...known.names].filter((name) => name !== undefined && !isNumber(name)));
  if (cells.some((cell) => isRoleName(cell) || named.has(cell))) return true;
  if (!cells.some(isNumber)) return true;
  if (counts(cells) && known.header) return known.header === 'yes';
  if (counts(cells)) {
    throw new Error(
      `${source}:${line}: the first row, ${listed(cells)}, can be names of columns, as pandas writes them, before ` +
        `${rows} rows (--header yes), or the first of ${rows + 1} rows (--header no); say which`,
    );
  }
  return cells.some((cell, i) => cell !== '' && !isNumber(cell) && columns[i].numbers > 0 && columns[i].texts === 0);
}
