import { oneOf } from '../checks/rules.js';
import { meantName } from '../checks/meantName.js';
import { listed } from '../checks/quoted.js';
import { check, formatValue } from '../checks/values.js';
import type { CaseNames } from './caseNames.js';
import type { NumberTargets } from './numberTargets.js';
import type { TimeSeriesData } from './timeSeries.js';

/** Mean and standard deviation of each channel. */
export interface ChannelStatistics {
  mean: number[];
  /** Biased; 1 for a constant channel. */
  deviation: number[];
}

/** Labelled images of one size. */
export interface LabelledImages extends CaseNames, NumberTargets {
  kind?: 'images';
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
export interface LabelledTokens extends CaseNames, NumberTargets {
  kind?: 'tokens';
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

/**
 * Anything a classifier can learn from. What this package reads or makes says its kind; data made by hand need not, see
 * kindOf.
 */
export type LabelledData = TimeSeriesData | LabelledImages | LabelledTokens;

/** Data whose labels and names of classes may be missing: what `predict` takes. */
export type Cases<Data extends LabelledData = LabelledData> = Data extends LabelledData
  ? Omit<Data, 'labels' | 'classNames'> & Partial<Pick<Data, 'labels' | 'classNames'>>
  : never;

/** The two parts of a data set, with the same classes, and the same channels, image size or vocabulary. */
export interface Dataset<Data extends LabelledData = LabelledData> {
  name: string;
  train: Data;
  /** Where the set has one of its own, as those to forecast have. */
  validation?: Data;
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

type Fields<Data> = { readonly [Name in keyof Data]-?: true };

const common: Fields<CaseNames & NumberTargets & Pick<LabelledData, 'labels' | 'classNames' | 'kind'>> = {
  ...{ kind: true, labels: true, classNames: true, ids: true, groups: true },
  ...{ targets: true, targetName: true, targetStatistics: true },
};

/** The fields of each kind's data. */
const fields: { readonly [Kind in DataKind]: Fields<DataOfKind[Kind]> } = {
  series: {
    ...common,
    ...{ series: true, lengths: true, channels: true, channelNames: true, reading: true },
    ...{ futures: true, horizon: true, split: true, timeline: true, times: true },
  },
  images: { ...common, images: true, statistics: true, height: true, width: true, channels: true },
  tokens: { ...common, tokens: true, lengths: true, vocabulary: true },
};

/** @throws Error, in the name of `owner`, if the data has a field that its kind has not: what it says would be passed by */
export function checkFieldNames(owner: string, kind: DataKind, data: Cases): void {
  const names = Object.keys(fields[kind]);
  for (const [name, value] of Object.entries(data)) {
    if (value === undefined || names.includes(name)) continue;
    const known = `the fields of ${kind} are ${names.join(', ')}`;
    throw new Error(`${owner}: the data had an unknown field '${name}'; ${known}.${meantName(name, names)}`);
  }
}

/** All kinds. */
export const dataKinds: readonly DataKind[] = ['series', 'images', 'tokens'];

/** What kindOf does, in the name of `owner`. */
export function checkKind(owner: string, data: Cases): DataKind {
  if (typeof data !== 'object' || data === null) {
    throw new Error(`${owner}: the data was ${formatValue(data)}; it must be an object with ${dataKinds.join(' or ')}`);
  }
  const kind = data.kind ?? dataKinds.find((name) => name in data);
  if (kind === undefined) {
    const fields = listed(Object.keys(data));
    throw new Error(`${owner}: the data had the fields ${fields}; one must be ${dataKinds.join(', ')}`);
  }
  check(owner, 'kind', kind, oneOf(dataKinds));
  return kind;
}

/**
 * What the cases are: what the data says, else by the field that holds them, which has the kind's name.
 *
 * @throws Error if the data has none of these fields, or says another kind
 */
export function kindOf(data: Cases): DataKind {
  return checkKind('kindOf', data);
}
