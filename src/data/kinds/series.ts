import { pick } from '../pick.js';
import { standardizeValues } from '../standardizeValues.js';
import type { TimeSeriesData } from '../timeSeries.js';
import type { KindTraits } from './kindTraits.js';
import { sequenceInputs } from './sequences.js';

/** Time series. */
export const series: KindTraits<TimeSeriesData> = {
  count: ({ series }) => series.length,
  values: ({ series }) => series,
  lengths: ({ lengths }) => lengths,
  channels: ({ channels }) => channels,
  standardized: (data, statistics) => ({
    ...data,
    series: data.series.map((values) => standardizeValues(values, statistics)),
  }),
  take: ({ series, lengths }, indices) => ({ series: pick(series, indices), lengths: pick(lengths, indices) }),
  inputShapes: ({ channels }) => [[null, channels], [1]],
  inputs: ({ series, lengths, channels }, indices, length) =>
    sequenceInputs({ values: series, lengths, position: [channels] }, indices, length),
  facts: ({ channels }) => ({ channels: `${channels}` }),
  metadata: () => ({}),
};
