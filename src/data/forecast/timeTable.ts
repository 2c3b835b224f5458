import { type Rule, texts } from '../../checks/rules.js';
import { check, checkOptions } from '../../checks/values.js';

/** Values of several channels in the order of time. */
export interface TimeTable {
  /** Names of the channels. */
  channelNames: string[];
  /** [rows * channels], those of a row side by side. */
  values: Float32Array;
  /** As the table has them, one a row, in rising order; undefined if it has none. */
  times?: string[];
  /** Name of their column. */
  timeColumn?: string;
}

/** @returns the number of rows */
export const rowsOf = ({ values, channelNames }: TimeTable): number => values.length / channelNames.length;

/** Names of its fields. */
export const timeTableFields = ['channelNames', 'values', 'times', 'timeColumn'] satisfies (keyof TimeTable)[];

const floats: Rule = { must: 'a Float32Array', test: (value) => value instanceof Float32Array };

/** @throws Error, in the name of `owner`, unless there is a number for each channel of each row */
export function checkTimeTable(
  owner: string,
  table: Readonly<Pick<TimeTable, 'values'>> & { channelNames: readonly string[] },
): void {
  if (typeof table !== 'object' || table === null) checkOptions(owner, table, []);
  const { channelNames, values } = table;
  check(owner, 'channelNames', channelNames, texts);
  check(owner, 'values', values, floats);
  if (values.length % channelNames.length === 0) return;
  throw new Error(
    `${owner}: values held ${values.length} numbers; they must be a multiple of ${channelNames.length}, the channels`,
  );
}
