import { integer } from '../checks/rules.js';
import { check } from '../checks/values.js';
import { checkCases } from './checkData.js';
import { interpolated } from './interpolated.js';
import { type Cases, kindOf } from './labelledData.js';
import type { ReadOptions } from './readOptions.js';
import type { TimeSeriesData } from './timeSeries.js';

/**
 * Series of one length each: values between positions are found by linear interpolation; the first and the last stay. Between a
 * missing value and its neighbours, values are missing.
 *
 * @param data series; those that they are followed by cannot be resampled
 * @param positions of each series in the result, 2 or more
 * @returns new data, whose `reading` says what was done
 * @throws Error if the data are no series, or the argument is wrong
 */
export function resample<Data extends Cases>(data: Data, positions: number): Data {
  const owner = 'resample';
  check(owner, 'positions', positions, integer(2));
  checkCases(owner, data, []);
  const kind = kindOf(data);
  const { series, lengths, channels, futures, reading } = data as Cases<TimeSeriesData>;
  if (kind !== 'series' || futures) {
    const wrong = futures ? 'series with futures' : kind;
    throw new Error(`${owner}: the cases were ${wrong}; only series that nothing follows can be resampled`);
  }
  const found = series.map((values, i) =>
    Float32Array.from({ length: positions * channels }, (_, at) => {
      const channel = at % channels;
      const valueAt = (position: number) => values[position * channels + channel];
      return interpolated(valueAt, lengths[i], Math.floor(at / channels), positions);
    }),
  );
  return {
    ...data,
    series: found,
    lengths: lengths.map(() => positions),
    reading: { ...reading, resample: positions },
  };
}

/** Data as options say it: resampled, or as it is. */
export function resampled<Data extends Cases>(data: Data, { resample: positions }: ReadOptions = {}): Data {
  return positions === undefined ? data : resample(data, positions);
}
