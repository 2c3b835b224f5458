import type { DataKind } from '../labelledData.js';
import type { Reading, ReadOptions } from '../readOptions.js';

/** What a model expects of cases that have no labels. */
export interface ExpectedCases {
  kind: DataKind;
  classNames: string[];
  /** Names of the tokens, in order; only for tokens. */
  vocabulary?: string[];
  /** Values of a position or pixel; 1 for tokens. */
  channels: number;
  /** How the table was read that the model was trained on. */
  reading?: Reading;
  /** How a table is read, where that differs. */
  read?: ReadOptions;
}
