import { integer, rate, type Rule } from '../checks/rules.js';
import type { DataKind } from '../data/labelledData.js';
import { timeSeriesClassifierDefaults } from '../models/timeSeriesClassifier.js';
import { tokenClassifierDefaults } from '../models/tokenClassifier.js';
import { visionTransformerDefaults } from '../models/visionTransformer.js';
import { pickProperties } from '../pickProperties.js';

interface SizeFacts {
  /** For people. */
  meaning: string;
  rule: Rule;
}

/** No machine that trains on its processor holds more. */
const WIDEST = 16_384;

/** The sizes that the classifiers of all kinds of data have. */
export const classifierSizes = {
  width: { meaning: 'width of the encoder', rule: integer(1, WIDEST) },
  feedForward: { meaning: 'hidden width of the feed-forward part', rule: integer(1, WIDEST) },
  heads: { meaning: 'number of attention heads; it must divide the width', rule: integer(1, WIDEST) },
  layers: { meaning: 'number of encoder layers', rule: integer(1, 1000) },
  dropout: { meaning: 'dropout rate', rule: rate },
} satisfies Record<string, SizeFacts>;

/** A number for each of classifierSizes. */
export type ClassifierSizes = Record<keyof typeof classifierSizes, number>;

export const sizeNames = Object.keys(classifierSizes) as (keyof ClassifierSizes)[];

/** The sizes of each kind of data's classifier, where nothing else is said. */
export const sizeDefaults: Readonly<Record<DataKind, ClassifierSizes>> = {
  series: pickProperties(timeSeriesClassifierDefaults, sizeNames),
  images: pickProperties({ ...visionTransformerDefaults, width: visionTransformerDefaults.embedDim }, sizeNames),
  tokens: pickProperties(tokenClassifierDefaults, sizeNames),
};

/** Sizes as given, with the defaults of the kind of data for those that are undefined. */
export function withSizes(kind: DataKind, given: Partial<ClassifierSizes>): ClassifierSizes {
  return { ...sizeDefaults[kind], ...pickProperties(given, sizeNames) };
}
