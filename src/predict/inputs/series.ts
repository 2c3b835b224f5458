import type { ChannelStatistics } from '../../data/labelledData.js';
import { standardizeValue } from '../../data/standardizeValues.js';
import { formatValue } from '../../checks/values.js';
import { isOf } from '../../checks/isOf.js';
import { type CaseWriter, wrong } from './caseWriter.js';

const isFloat32 = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(Math.fround(value));

/** Time series of at most `length` positions of `channels` numbers, or where they may not be padded of so many. */
export function seriesWriter(
  [length, channels]: number[],
  statistics: ChannelStatistics | null,
  padded: boolean,
): CaseWriter {
  /** Writes position t, whose numbers begin at `from`. */
  const put = (
    numbers: ArrayLike<unknown>,
    from: number,
    t: number,
    index: number,
    target: Float32Array | Int32Array,
    at: number,
  ) => {
    for (let c = 0; c < channels; c++) {
      const value = numbers[from + c];
      if (!isFloat32(value))
        throw wrong({ case: index, position: t, channel: c }, formatValue(value), 'a finite float32');
      target[at + t * channels + c] = statistics ? standardizeValue(value, c, statistics) : value;
    }
  };
  return {
    positions(value, index) {
      const isFlat = isOf('Float32Array', value);
      if (!isFlat && !Array.isArray(value)) {
        throw wrong({ case: index }, formatValue(value), 'a list of positions, or a Float32Array');
      }
      const positions = isFlat ? value.length / channels : value.length;
      if (!Number.isInteger(positions)) {
        throw wrong({ case: index }, `${value.length} numbers`, `as many as its positions times ${channels} channels`);
      }
      if (positions >= (padded ? 1 : length) && positions <= length) return positions;
      throw wrong({ case: index }, `${positions} positions long`, `${padded ? '1 to ' : ''}${length} positions long`);
    },
    write(value, index, positions, target, at) {
      const isFlat = isOf('Float32Array', value);
      for (let t = 0; t < positions; t++) {
        if (isFlat) {
          put(value, t * channels, t, index, target, at);
          continue;
        }
        const own: unknown = value[t];
        if (!Array.isArray(own) || own.length !== channels) {
          const must = `a list of ${channels} numbers, one a channel`;
          throw wrong({ case: index, position: t }, formatValue(own), must);
        }
        put(own, 0, t, index, target, at);
      }
    },
  };
}
