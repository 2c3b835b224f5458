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
