import { check } from '../../checks/values.js';
import type { Cases } from '../labelledData.js';
import { pick } from '../pick.js';
import { movedViews } from '../forecast/forecastWindows.js';
import { standardizeValues } from '../standardizeValues.js';
import type { TimeSeriesData } from '../timeSeries.js';
import { checkLists, checkSequence, findNotFinite, size } from './caseChecks.js';
import type { KindTraits } from './kindTraits.js';
import { sequenceInputs } from './sequences.js';

/** Time series. */
export const series: KindTraits<Cases<TimeSeriesData>> = {
  checkFields(owner, { series, lengths, channels }) {
    checkLists(owner, 'series', series, lengths);
    check(owner, 'channels', channels, size);
  },
  checkCase: (owner, { series, lengths, channels }, index) =>
    checkSequence(owner, { name: 'series', values: series[index], length: lengths[index], width: channels }, index),
  notFinite({ series, channels }, index, missing) {
    const values = series[index];
    const at = findNotFinite(values, 0, values.length, missing);
    if (at < 0) return undefined;
    return { value: values[at], place: `position ${Math.floor(at / channels) + 1}, channel ${(at % channels) + 1}` };
  },
  count: ({ series }) => series.length,
  values: ({ series, timeline }) => (timeline ? [timeline] : series),
  lengths: ({ lengths }) => lengths,
  channels: ({ channels }) => channels,
  standardized(data, statistics) {
    const { series, futures, timeline } = data;
    if (!timeline) return { ...data, series: series.map((values) => standardizeValues(values, statistics)) };
    const moved = standardizeValues(timeline, statistics);
    return {
      ...data,
      timeline: moved,
      series: movedViews(series, timeline, moved),
      ...(futures && { futures: movedViews(futures, timeline, moved) }),
    };
  },
  take: ({ series, lengths, futures }, indices) => ({
    ...{ series: pick(series, indices), lengths: pick(lengths, indices) },
    ...(futures && { futures: pick(futures, indices) }),
  }),
  inputShapes: ({ channels }) => [[null, channels], [1]],
  inputs: ({ series, lengths, channels }, indices, length) =>
    sequenceInputs({ values: series, lengths, position: [channels] }, indices, length),
  facts: ({ channels }) => ({ channels: `${channels}` }),
  metadata: ({ channelNames, reading }) => ({ ...(channelNames && { channelNames }), ...(reading && { reading }) }),
};
