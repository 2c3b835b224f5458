import { integer, number, oneOf, type Rule, text, texts } from '../checks/rules.js';
import { check, checkOptions } from '../checks/values.js';

/** How series are read, where a table's header does not say it. A model keeps those it was trained with, see Reading. */
export interface ReadOptions {
  /** What stands between two cells; default: the one that divides the first line, if it is the only one. */
  separator?: 'comma' | 'semicolon' | 'tab' | 'blank';
  /** What stands before a number's decimals; default: the point, or the comma where numbers can be read with it only. */
  decimal?: 'point' | 'comma';
  /** Whether the first row holds the columns' names; default: as its cells and those below show. */
  header?: 'yes' | 'no';
  /** 'wide': a row is a case. 'long': a row is a position of a case. Default: as the columns' names say. */
  layout?: 'wide' | 'long';
  /**
   * The column with the classes: its name, or its number from 1, 'first' or 'last'; 'none': there is none. Default: the one
   * named `label`.
   */
  labelColumn?: string;
  /** The column with numbers to learn, in place of classes: its name, or its number from 1, 'first' or 'last'. */
  targetColumn?: string;
  /** The column with the cases' names; default: the one named `case`. */
  caseColumn?: string;
  /** The column with times, which must rise; default: the one named `time`. */
  timeColumn?: string;
  /** The column with what cases have in common, such as a person: parts that are split off share none of them. */
  groupColumn?: string;
  /** The columns with values, by name; default: all that are nothing else. */
  valueColumns?: string[];
  /** Columns that are left out. */
  ignoreColumns?: string[];
  /** What stands for a missing value besides `?`: 'NaN', '-999', ..., or 'empty' for an empty cell; default: nothing. */
  missing?: string[];
  /** Rows of a window, where a long table is cut into windows, each a case. */
  windowLength?: number;
  /** Rows from the beginning of a window to that of the next; default: windowLength. */
  stride?: number;
  /**
   * The largest step of time, in its column's units or seconds, within a window; 'none': any. Default: an error where one is ten
   * times as large as most.
   */
  maxGap?: number | 'none';
  /** Positions that each series, of any format, is resampled to, by linear interpolation; see resample. Default: its own. */
  resample?: number;
  /** The share of the cases of a single file that is its test part: of each class, and whole groups. Only for loadDataset. */
  test?: number;
}

/** How series were read: with what is needed to read another one the same way. */
export interface Reading extends ReadOptions {
  /** Names of the columns with values, in order: channels of a long table, positions of a wide one. */
  columns?: string[];
}

/** What is known of an option. */
export interface ReadOptionFacts {
  /** What the command line shows for its value; several are separated by commas. */
  value: string;
  help: string;
  rule: Rule;
}

const names: Rule = { ...texts, must: 'an array of names' };
const name: Rule = { ...text, must: 'the name of a column' };

/** All ReadOptions, for functions, commands and saved models alike. */
export const readOptions: { readonly [Name in keyof Required<ReadOptions>]: ReadOptionFacts } = {
  separator: {
    value: '<name>',
    help: 'what separates cells (default: the one that is there)',
    rule: oneOf(['comma', 'semicolon', 'tab', 'blank']),
  },
  decimal: {
    value: '<name>',
    help: 'what stands before decimals (default: point, or comma if that alone can be read)',
    rule: oneOf(['point', 'comma']),
  },
  header: {
    value: '<yes|no>',
    help: 'whether the first row holds names (default: as its cells show)',
    rule: oneOf(['yes', 'no']),
  },
  layout: {
    value: '<name>',
    help: 'wide: a row is a case; long: a row is a position (default: as the columns say)',
    rule: oneOf(['wide', 'long']),
  },
  labelColumn: {
    value: '<column>',
    help: "column of classes: name, number from 1, 'first', 'last' or 'none' (default: label)",
    rule: name,
  },
  targetColumn: {
    value: '<column>',
    help: 'regression: column of the numbers to learn, in place of classes',
    rule: name,
  },
  caseColumn: { value: '<column>', help: 'column that names the case (default: case)', rule: name },
  timeColumn: { value: '<column>', help: 'column of times, which must rise (default: time)', rule: name },
  groupColumn: {
    value: '<column>',
    help: 'column of what cases share, such as a person: parts that are split off share none',
    rule: name,
  },
  valueColumns: {
    value: '<columns>',
    help: 'columns of values, separated by commas (default: all others)',
    rule: names,
  },
  ignoreColumns: { value: '<columns>', help: 'columns to leave out, separated by commas', rule: names },
  missing: {
    value: '<texts>',
    help: "what is a missing value besides ?, separated by commas: NaN, -999, 'empty' for empty cells",
    rule: { ...texts, must: 'an array of texts' },
  },
  windowLength: { value: '<n>', help: 'rows of a window, where a log is cut into cases', rule: integer(1) },
  stride: {
    value: '<n>',
    help: 'rows from one window to the next (default: the window length)',
    rule: integer(1),
  },
  maxGap: {
    value: '<x|none>',
    help: "largest step of time within a window, in its column's units or seconds, or 'none'",
    rule: {
      must: "a number above 0, or 'none'",
      test: (value) => value === 'none' || (typeof value === 'number' && Number.isFinite(value) && value > 0),
    },
  },
  resample: {
    value: '<n>',
    help: 'series: positions that each is resampled to, by linear interpolation (default: its own)',
    rule: integer(2),
  },
  test: {
    value: '<x>',
    help: 'share of the cases of a single file that is the test part: of each class, and whole groups',
    rule: number((value) => value > 0 && value < 1, 'above 0 and below 1'),
  },
};

/** Names of all ReadOptions. */
export const readOptionNames = Object.keys(readOptions) as (keyof ReadOptions)[];

/**
 * @param owner what takes them, for errors
 * @param options see ReadOptions
 * @param others names of further options that are not checked here
 * @throws Error that names an option that is unknown, or not what it must be
 */
export function checkReadOptions(owner: string, options: ReadOptions, others: readonly string[] = []): void {
  checkOptions(owner, options, [...readOptionNames, ...others]);
  for (const option of readOptionNames) {
    if (options[option] !== undefined) check(owner, option, options[option], readOptions[option].rule);
  }
  if (options.targetColumn !== undefined && options.labelColumn !== undefined) {
    throw new Error(`${owner}: labelColumn and targetColumn were both given; cases have classes or numbers`);
  }
  for (const option of ['stride', 'maxGap'] as const) {
    if (options[option] === undefined || options.windowLength !== undefined) continue;
    throw new Error(`${owner}: ${option} was ${options[option]} without windowLength; give that too`);
  }
}
