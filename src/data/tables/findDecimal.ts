import { quoted } from '../../checks/quoted.js';
import type { ReadOptions } from '../readOptions.js';
import { type Columns, columnName } from './findColumns.js';
import type { Separator } from './row.js';
import type { ColumnFacts, Example, TableFacts } from './scanTable.js';

/** The first example of a kind among the columns, as a message shows it. */
function exampleOf(columns: Columns, facts: TableFacts, kind: 'comma' | 'thousands' | 'point') {
  for (const index of columns.values) {
    const example: Example | undefined = facts.columns[index]?.[kind satisfies keyof ColumnFacts];
    if (example) return `${quoted(example.text)} in line ${example.line}, ${columnName(columns, index)}`;
  }
  return undefined;
}

/**
 * What stands before the decimals of a table's values: a comma, where they can be read with it only.
 *
 * @param facts of the table
 * @param columns those with values are looked at
 * @param separator of the table
 * @param given what an option says
 * @param known what one has said of another table of the kind: it decides where both are possible
 * @throws Error that shows the readings, if both can be
 */
export function findDecimal(
  facts: TableFacts,
  columns: Columns,
  separator: Separator,
  given: ReadOptions['decimal'],
  known: ReadOptions['decimal'],
): 'point' | 'comma' {
  if (given) return given;
  const [comma, thousands, point] = (['comma', 'thousands', 'point'] as const).map((kind) =>
    exampleOf(columns, facts, kind),
  );
  const found = comma ?? thousands;
  if (found === undefined) return 'point';
  if (point !== undefined) {
    throw new Error(
      `values have a point before decimals (${point}) and a comma (${found}); they must have one of them`,
    );
  }
  if (comma === undefined || separator === 'comma') {
    if (known === 'comma') return known;
    throw new Error(
      `the comma in ${found} can stand before decimals (--decimal comma), or between thousands, which must be written ` +
        'without it; say which',
    );
  }
  return 'comma';
}
