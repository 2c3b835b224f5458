/** What a column is for. */
export type Role = 'label' | 'case' | 'time' | 'group' | 'ignored' | 'value';

/** Names that give a column its role without an option. */
const roleNames: ReadonlyMap<string, Role> = new Map([
  ['label', 'label'],
  ['case', 'case'],
  ['time', 'time'],
]);

/** Names that columns of a role often have, but columns of values, too. */
const likely: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...['class', 'classes', 'labels', 'target', 'category', 'class_label', 'classlabel'].map(
    (name) => [name, 'label'] as const,
  ),
  ...['id', 'ids', 'index', 'idx', 'case_id', 'caseid', 'cases', 'sample', 'sample_id', 'series', 'series_id'].map(
    (name) => [name, 'case'] as const,
  ),
  ...['unnamed: 0', 'row', 'row_id', 'nr', 'no'].map((name) => [name, 'case'] as const),
  ...['timestamp', 'timestamps', 'datetime', 'date', 'times', 't'].map((name) => [name, 'time'] as const),
  ...['group', 'subject', 'subject_id', 'person', 'patient', 'patient_id'].map((name) => [name, 'group'] as const),
]);

/** The role that a column's name gives it; undefined if none. */
export const roleOf = (name: string): Role | undefined => roleNames.get(name.toLowerCase());

/** Whether a column's name gives it a role. */
export const isRoleName = (name: string): boolean => roleOf(name) !== undefined;

/** The role that a column may have by its name as well as hold values. */
export const likelyRoleOf = (name: string): Role | undefined => likely.get(name.toLowerCase());
