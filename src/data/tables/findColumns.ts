import { shellQuoted } from '../../checks/shellQuoted.js';
import { meantName } from '../../checks/meantName.js';
import { listed, quoted } from '../../checks/quoted.js';
import type { ReadOptions } from '../readOptions.js';
import { likelyRoleOf, type Role, roleOf } from './roleNames.js';
import type { TableFacts } from './scanTable.js';

/** The columns of a table, by their roles. */
export interface Columns {
  /** Their names; undefined if the table has no header. */
  names: readonly string[] | undefined;
  label?: number;
  case?: number;
  time?: number;
  group?: number;
  /** Indices of the columns with values, in their order. */
  values: number[];
}

/** What options name the column of a role. */
const flags = { label: 'labelColumn', case: 'caseColumn', time: 'timeColumn', group: 'groupColumn' } as const;
type Named = keyof typeof flags;
const flagText: Readonly<Record<Named, string>> = {
  ...{ label: '--label-column', case: '--case-column', time: '--time-column', group: '--group-column' },
};

/** A column as messages call it. */
export function columnName({ names }: Pick<Columns, 'names'>, index: number): string {
  const name = names?.[index];
  return name === undefined || name === '' ? `column ${index + 1}` : `column ${quoted(name)}`;
}

/**
 * The column that an option means.
 *
 * @returns its index; undefined for 'none', or a name that is not there and need not be
 */
function findColumn(
  reference: string,
  { names, width, flag }: { names: readonly string[] | undefined; width: number; flag: string },
  optional: boolean,
): number | undefined {
  const named = names?.indexOf(reference) ?? -1;
  if (named >= 0) return named;
  if (reference === 'none') return undefined;
  if (reference === 'first') return 0;
  if (reference === 'last') return width - 1;
  const number = /^[1-9]\d*$/.test(reference) ? Number(reference) : NaN;
  if (number <= width) return number - 1;
  if (optional) return undefined;
  const known = names ? `one of ${listed(names)}, or ` : '';
  const must = `it must be ${known}a number from 1 to ${width}, 'first' or 'last'`;
  throw new Error(`${flag} was ${quoted(reference)}; ${must}.${meantName(reference, names ?? [])}`);
}

/** Names without those of columns that have neither name nor content, as a separator at the end of each line makes them. */
function withoutEmptyColumns(names: readonly string[], { columns }: TableFacts): readonly string[] {
  let width = names.length;
  while (width > 1 && names[width - 1] === '' && columns[width - 1].numbers + columns[width - 1].texts === 0) width--;
  return names.slice(0, width);
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`the column ${quoted(twice)} is twice in the first row; names must differ`);
}

/** How to say what a column is that could be values or something else. */
function readingsOf(index: number, name: string, role: Role | undefined): string {
  const reference = name === '' ? `${index + 1}` : shellQuoted(name);
  const flag = role !== undefined && role in flagText ? flagText[role as Named] : flagText.case;
  const what = { label: 'the class', case: 'the name of the case', time: 'the time', group: 'a group of cases' };
  const meaning = what[(role ?? 'case') as Named] ?? what.case;
  return `${meaning} (${flag} ${reference}), nothing of use (--ignore-columns ${reference}), or values (--value-columns)`;
}

/**
 * Gives each column of a table its role: by the options, then by names such as `label`; the others hold values.
 *
 * @param facts of the table
 * @param hasHeader whether its first row holds names
 * @param options see ReadOptions; a column that they name must be there
 * @param known what another table of the kind has: those of its roles need not be there
 * @throws Error that names a column which is not there, or could be either
 */
export function findColumns(
  facts: TableFacts,
  hasHeader: boolean,
  options: ReadOptions,
  known: ReadOptions & { columns?: readonly string[] } = {},
): Columns {
  const names = hasHeader ? withoutEmptyColumns(facts.first.cells, facts) : undefined;
  if (names) checkNames(names);
  const width = names?.length ?? facts.columns.length;
  const roles = new Map<number, Role>();
  const claim = (reference: string, role: Role, flag: string, optional = false) => {
    const index = findColumn(reference, { names, width, flag }, optional);
    if (index === undefined) return;
    const taken = roles.get(index);
    if (taken && taken !== role)
      throw new Error(`${flag} was ${quoted(reference)}, which is the column of the ${taken}`);
    roles.set(index, role);
  };
  for (const role of Object.keys(flags) as Named[]) {
    const [given, before] = [options[flags[role]], known[flags[role]]];
    if (given !== undefined) claim(given, role, flagText[role]);
    else if (before !== undefined && (names || role !== 'label')) claim(before, role, flagText[role], true);
  }
  for (const name of options.ignoreColumns ?? []) claim(name, 'ignored', '--ignore-columns');
  if (!options.ignoreColumns) for (const name of known.ignoreColumns ?? []) claim(name, 'ignored', '', true);
  for (const name of options.valueColumns ?? []) claim(name, 'value', '--value-columns');
  for (const name of options.valueColumns ? [] : (known.columns ?? [])) {
    const index = names?.indexOf(name) ?? -1;
    if (index >= 0 && !roles.has(index)) roles.set(index, 'value');
  }
  names?.forEach((name, index) => {
    const role = roleOf(name) as Named | undefined;
    const other = names.findIndex((before, i) => i < index && roles.get(i) === role && roleOf(before) === role);
    if (role && other >= 0 && options[flags[role]] === undefined && !roles.has(index)) {
      throw new Error(
        `the columns ${quoted(names[other])} and ${quoted(name)} can both be the ${role}; ${flagText[role]} says which, ` +
          '--ignore-columns leaves one out',
      );
    }
    const isTaken = role && (options[flags[role]] !== undefined || [...roles.values()].includes(role));
    if (role && !isTaken && !roles.has(index)) roles.set(index, role);
  });
  for (let index = 0; index < width; index++) {
    if (roles.has(index)) continue;
    if (options.valueColumns) {
      roles.set(index, 'ignored');
      continue;
    }
    const name = names?.[index];
    if (names && known.columns) {
      roles.set(index, 'value'); // matchColumns sees to it
      continue;
    }
    if (name === '')
      throw new Error(`column ${index + 1} has no name: it can be ${readingsOf(index, name, 'case')}; say which`);
    const role = name === undefined ? undefined : likelyRoleOf(name);
    if (role && ![...roles.values()].includes(role)) {
      throw new Error(`column ${quoted(name!)} can be ${readingsOf(index, name!, role)}; say which`);
    }
    roles.set(index, 'value');
  }
  const found: Columns = { names, values: [] };
  for (let index = 0; index < width; index++) {
    const role = roles.get(index)!;
    if (role === 'value') found.values.push(index);
    else if (role !== 'ignored') found[role] = index;
  }
  return found;
}
