import type { CaseNames } from './caseNames.js';
import type { ForecastTargets, NumberTargets } from './numberTargets.js';
import type { Reading } from './readOptions.js';

/** Labelled time series, which may differ in length. */
export interface TimeSeriesData extends CaseNames, NumberTargets, ForecastTargets {
  kind?: 'series';
  /** One array for each case, time-major: the value of channel c at position t is `series[i][t * channels + c]`. */
  series: Float32Array[];
  /** Positions of each case. */
  lengths: number[];
  /** Values at each position. */
  channels: number;
  /** What each channel is called, where the file says it. */
  channelNames?: string[];
  /** How the table was read; only for tables. */
  reading?: Reading;
  /** Class of each case, as an index into classNames; -1 if it is not known, which only reading to predict allows. */
  labels: number[];
  /** Names of the classes, in the order of `@classLabel`; none if the file has no labels. */
  classNames: string[];
}
