import type { Cases, ChannelStatistics } from '../labelledData.js';
import type { Reading } from '../readOptions.js';

/** Numbers of a model's input. */
export interface BatchInput {
  values: Float32Array;
  /** [B, ...] */
  shape: number[];
}

/** Sizes of a model's input without the batch; null where they may differ from case to case. */
export type InputShape = readonly (number | null)[];

/** Where one kind of data differs from the others. Whatever works on all kinds asks here. */
export interface KindTraits<Data extends Cases> {
  /** @throws Error in the name of `owner`, unless the fields that hold the cases are of their types, and sizes can be */
  checkFields(owner: string, data: Data): void;
  /** @throws Error in the name of `owner`, unless a case has the length, and tokens of it the range, that the fields say */
  checkCase(owner: string, data: Data, index: number): void;
  /**
   * @returns the first number of a case that is not finite as a float32, and where; undefined if there is none
   * @param missing NaN stands for a missing value, which may be
   */
  notFinite(data: Data, index: number, missing: boolean): { value: unknown; place: string } | undefined;
  /** Number of cases. */
  count(data: Data): number;
  /** The numbers of all cases in order, in one array or several; channels of a position or pixel are neighbours. */
  values(data: Data): readonly (Float32Array | Uint8Array | Int32Array)[];
  /** Positions of each case; undefined where all cases are of one size. */
  lengths(data: Data): readonly number[] | undefined;
  /** Values at each position or pixel, which can be standardised; null for tokens, which are names. */
  channels(data: Data): number | null;
  /** The data standardised, with statistics of its channels; what it was given stays as it is. */
  standardized(data: Data, statistics: ChannelStatistics): Data;
  /** The fields that hold the cases, with those at `indices` only. */
  take(data: Data, indices: readonly number[]): Partial<Data>;
  /** Inputs of a model of these cases. */
  inputShapes(data: Data): InputShape[];
  /**
   * The model's inputs for some cases, B of them. Sequences are padded with zeros to `length` positions, by default those
   * of the longest of these cases.
   *
   * @throws Error if a case is longer than `length`
   */
  inputs(data: Data, indices: readonly number[], length?: number): BatchInput[];
  /** What training and test part must have in common, by its name in messages. */
  facts(data: Data): Record<string, string>;
  /** What a model must keep of the data to read new cases, besides kind, classes and statistics. */
  metadata(data: Data): { vocabulary?: string[]; channelNames?: string[]; reading?: Reading };
}
