import { listed } from '../../checks/quoted.js';
import type { Columns } from './findColumns.js';
import { firstPosition } from './findLayout.js';

/**
 * Finds the columns with values in the order that another table of the kind has them: by their names.
 *
 * @param columns of the table
 * @param known names of those with values
 * @param layout of the table: positions of a wide one that are numbered may go on
 * @returns indices of the columns
 * @throws Error that names those which are missing, and those which are not known
 */
export function matchColumns(
  { names, values }: Pick<Columns, 'names' | 'values'>,
  known: readonly string[],
  layout: 'wide' | 'long',
): number[] {
  if (!names) {
    if (layout === 'wide' || values.length === known.length) return values;
    throw new Error(`the table has ${values.length} columns of values; it must have ${known.length}: ${listed(known)}`);
  }
  const found = new Map(values.map((index) => [names[index] || `${index + 1}`, index]));
  const missing = known.filter((name) => !found.has(name));
  const unknown = [...found.keys()].filter((name) => !known.includes(name));
  const all = [...known, ...unknown];
  const goesOn = layout === 'wide' && missing.length === 0 && firstPosition(all) !== undefined;
  if (missing.length === 0 && (unknown.length === 0 || goesOn)) return all.map((name) => found.get(name)!);
  const faults = [
    ...(missing.length > 0 ? [`without ${listed(missing)}`] : []),
    ...(unknown.length > 0 ? [`with ${listed(unknown)}, which is not known`] : []),
  ];
  const out = unknown.length > 0 ? `; --ignore-columns ${unknown.join(',')} leaves out what is not needed` : '';
  throw new Error(`the columns of values are ${faults.join(', and ')}; they must be ${listed(known)}, by name${out}`);
}
