import { quoted } from '../../checks/quoted.js';
import { atLine } from '../../files/atLine.js';
import type { TimeSeriesData } from '../timeSeries.js';
import type { TableCase } from './caseTable.js';
import { checkKnown, checkLabel, className, isMissingLabel, sortedClasses } from './classes.js';

/** Whether labels must be there, may be missing, or are not read. */
export type LabelUse = 'required' | 'optional' | 'ignored';

/**
 * The numbers that cases have in place of classes.
 *
 * @param cases of a table
 * @param source its name, for errors
 * @param use see LabelUse
 * @param name of the column
 * @throws Error `source:line: reason` for a number that is missing, or none
 */
export function tableTargets(
  cases: readonly TableCase[],
  source: string,
  use: LabelUse = 'required',
  name?: string,
): Pick<TimeSeriesData, 'labels' | 'classNames' | 'targets' | 'targetName'> {
  const none = { labels: cases.map(() => -1), classNames: [] };
  if (use === 'ignored') return none;
  const targets = cases.map(({ label, line }) =>
    atLine(source, line, () => {
      if (isMissingLabel(label) && use === 'optional') return NaN;
      const value = isMissingLabel(label) ? NaN : Number(label);
      if (Number.isFinite(Math.fround(value))) return value;
      const found = isMissingLabel(label) ? 'missing' : quoted(label);
      throw new Error(`the target was ${found}; it must be a number that float32 holds, up to 3.4e38`);
    }),
  );
  return { ...none, targets, ...(name !== undefined && { targetName: name }) };
}

/**
 * The classes of cases, and their names.
 *
 * @param cases of a table
 * @param source its name, for errors
 * @param use see LabelUse
 * @param known names of the classes, in order; default: those found, sorted
 * @throws Error `source:line: reason` for a label that is missing, names no class, or none that is known
 */
export function tableClasses(
  cases: readonly TableCase[],
  source: string,
  use: LabelUse = 'required',
  known?: readonly string[],
): Pick<TimeSeriesData, 'labels' | 'classNames'> {
  if (use === 'ignored') return { labels: cases.map(() => -1), classNames: [...(known ?? [])] };
  const found = cases.map(({ label, line }) =>
    atLine(source, line, () => {
      if (isMissingLabel(label)) {
        if (use === 'optional') return undefined;
        throw new Error('the label is missing; it must be there, except in cases to predict');
      }
      const name = className(label);
      checkLabel(name);
      if (known) checkKnown(name, known);
      return name;
    }),
  );
  const names = known ?? atLine(source, cases[0].line, () => sortedClasses(found.filter((name) => name !== undefined)));
  const indices = new Map(names.map((name, index) => [name, index]));
  return { labels: found.map((name) => (name === undefined ? -1 : indices.get(name)!)), classNames: [...names] };
}
