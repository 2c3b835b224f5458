/** A row of a table. */
export interface Row {
  /** Without blanks around them. */
  cells: readonly string[];
  /** In the file, from 1. */
  line: number;
}

/** What stands between cells. */
export type Separator = 'comma' | 'semicolon' | 'tab' | 'blank';

/** Separators as they stand in a file, and as messages call them. */
export const separators: { readonly [Name in Separator]: { character: string; plural: string } } = {
  comma: { character: ',', plural: 'commas' },
  semicolon: { character: ';', plural: 'semicolons' },
  tab: { character: '\t', plural: 'tabs' },
  blank: { character: ' ', plural: 'blanks' },
};
