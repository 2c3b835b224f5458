import { integer } from '../../checks/rules.js';
import { check, checkOptions } from '../../checks/values.js';
import { checkTimeTable, rowsOf, type TimeTable } from './timeTable.js';
import type { TimeSeriesData } from '../timeSeries.js';

/** What windows are cut from, and into. */
export interface WindowOptions {
  /** Time-major, [rows * channels]. */
  values: Float32Array;
  channelNames: readonly string[];
  /** Rows that a model is given, and that it is to forecast. */
  length: number;
  horizon: number;
}

/**
 * All windows of rows one after the other: the first `length` rows are a case, the `horizon` rows behind them what it is to be
 * followed by. Cases share their numbers.
 *
 * @returns none if there are fewer rows than in a window
 * @throws Error that names an option that is wrong
 */
export function forecastWindows(options: WindowOptions): TimeSeriesData {
  const owner = 'forecastWindows';
  const names = ['values', 'channelNames', 'length', 'horizon'] satisfies (keyof WindowOptions)[];
  checkOptions(owner, options, names);
  const { values, channelNames, length, horizon } = options;
  checkTimeTable(owner, options);
  check(owner, 'length', length, integer(1));
  check(owner, 'horizon', horizon, integer(1));
  const channels = channelNames.length;
  const count = Math.max(0, values.length / channels - length - horizon + 1);
  const rows = (start: number, size: number) => values.subarray(start * channels, (start + size) * channels);
  const starts = Array.from({ length: count }, (_, index) => index);
  return {
    ...{ kind: 'series', channels, channelNames: [...channelNames], horizon, timeline: values },
    series: starts.map((start) => rows(start, length)),
    futures: starts.map((start) => rows(start + length, horizon)),
    lengths: starts.map(() => length),
    labels: starts.map(() => -1),
    classNames: [],
  };
}

/** Views of a timeline, in another array of the same numbers of numbers. */
export function movedViews(views: readonly Float32Array[], from: Float32Array, to: Float32Array): Float32Array[] {
  return views.map((view) => {
    const start = (view.byteOffset - from.byteOffset) / 4;
    return to.subarray(start, start + view.length);
  });
}

/**
 * The last rows of a table, as a case to forecast.
 *
 * @param source the table's name, for errors
 * @throws Error if there are fewer than `length`
 */
export function lastWindow(source: string, table: TimeTable, { length }: { length: number }): TimeSeriesData {
  const { values, channelNames, times } = table;
  const rows = rowsOf(table);
  if (rows < length)
    throw new Error(`${source}: the table has ${rows} rows; it must have at least ${length}, the model's length`);
  return {
    ...{ kind: 'series', channels: channelNames.length, channelNames },
    ...{ series: [values.slice(-length * channelNames.length)], lengths: [length], labels: [-1], classNames: [] },
    ...(times && { times: times.slice(-length) }),
  };
}
