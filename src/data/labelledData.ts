import type { ChannelStatistics } from './standardize.js';
import type { TimeSeriesData } from './timeSeries.js';

/** Labelled images of one size. */
export interface LabelledImages {
  /** [cases, height, width, channels], one image after the other; bytes as files have them, or any numbers. */
  images: Uint8Array | Float32Array;
  /** If given, `batches` standardises with it: images stay bytes, a quarter of the memory of float32. */
  statistics?: ChannelStatistics;
  height: number;
  width: number;
  /** Values of a pixel: 1 for grey, 3 for red, green and blue. */
  channels: number;
  /** Class of each case, as an index into classNames. */
  labels: number[];
  classNames: string[];
}

/** Labelled sequences of tokens, which may differ in length. */
export interface LabelledTokens {
  /** One array for each case: indices into vocabulary. */
  tokens: Int32Array[];
  /** Number of tokens of each case. */
  lengths: number[];
  /** The tokens' names; their indices are the tokens. */
  vocabulary: string[];
  /** Class of each case, as an index into classNames. */
  labels: number[];
  classNames: string[];
}

/** Anything a classifier can learn from. */
export type LabelledData = TimeSeriesData | LabelledImages | LabelledTokens;

/** The two parts of a data set, with the same classes, and the same channels, image size or vocabulary. */
export interface Dataset<Data extends LabelledData = LabelledData> {
  name: string;
  train: Data;
  test: Data;
}

/** Data by what the cases are. */
export interface DataOfKind {
  series: TimeSeriesData;
  images: LabelledImages;
  tokens: LabelledTokens;
}

/** 'series', 'images' or 'tokens'. */
export type DataKind = keyof DataOfKind;

/** @returns what the cases are */
export function kindOf(data: LabelledData): DataKind {
  if ('series' in data) return 'series';
  return 'images' in data ? 'images' : 'tokens';
}

/**
 * @param data series or tokens
 * @returns positions of the longest of all their cases
 */
export function longest(...data: (TimeSeriesData | LabelledTokens)[]): number {
  return data.reduce((most, { lengths }) => lengths.reduce((a, b) => Math.max(a, b), most), 0);
}
