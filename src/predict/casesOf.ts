import { byKind } from '../data/kinds/byKind.js';
import type { LabelledData } from '../data/labelledData.js';
import type { Case } from './types.js';

/** The cases of a data set as a predictor takes them. */
export function casesOf(data: LabelledData): Case[] {
  return byKind<Case[]>(data, {
    series: ({ series }) => series,
    images: ({ images, labels, height, width, channels }) => {
      const size = height * width * channels;
      return labels.map((_, index) => images.subarray(index * size, (index + 1) * size));
    },
    tokens: ({ tokens }) => tokens.map((one) => [...one]),
  });
}
