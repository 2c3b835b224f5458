import type { DataKind } from '../data/labelledData.js';
import { timeSeriesClassifierDefaults } from '../models/timeSeriesClassifier.js';
import { tokenClassifierDefaults } from '../models/tokenClassifier.js';
import { visionTransformerDefaults } from '../models/visionTransformer.js';

/** Sizes that the classifiers of all kinds of data have. */
export interface ClassifierSizes {
  /** Width of the encoder; the heads divide it. */
  width: number;
  /** Width inside the feed-forward part. */
  feedForward: number;
  heads: number;
  /** Encoder layers. */
  layers: number;
  /** Rate of every dropout. */
  dropout: number;
}

function sizesOf({ width, feedForward, heads, layers, dropout }: ClassifierSizes): ClassifierSizes {
  return { width, feedForward, heads, layers, dropout };
}

/** The sizes of each kind of data's classifier, where nothing else is said. */
export const classifierSizes: Readonly<Record<DataKind, ClassifierSizes>> = {
  series: sizesOf(timeSeriesClassifierDefaults),
  images: sizesOf({ ...visionTransformerDefaults, width: visionTransformerDefaults.embedDim }),
  tokens: sizesOf(tokenClassifierDefaults),
};

/** Sizes as given, with the defaults of the kind of data for those that are undefined. */
export function withSizes(kind: DataKind, given: Partial<ClassifierSizes>): ClassifierSizes {
  const defaults = classifierSizes[kind];
  return {
    width: given.width ?? defaults.width,
    feedForward: given.feedForward ?? defaults.feedForward,
    heads: given.heads ?? defaults.heads,
    layers: given.layers ?? defaults.layers,
    dropout: given.dropout ?? defaults.dropout,
  };
}
