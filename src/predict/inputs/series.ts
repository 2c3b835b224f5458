import type { ChannelStatistics } from '../../data/labelledData.js';
import { formatValue } from '../../checks/values.js';
import { isOf } from '../../checks/isOf.js';
import { type CaseWriter, isTaken, seen, wrong } from './caseWriter.js';

/** Time series of at most `length` positions of `channels` numbers, or where they may not be padded of so many. */
export function seriesWriter(
  [length, channels]: number[],
  statistics: ChannelStatistics | null,
  padded: boolean,
): CaseWriter {
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
    write(value, index, positions, target, at, missing) {
      const isFlat = isOf('Float32Array', value);
      for (let t = 0; t < positions; t++) {
        const numbers: unknown = isFlat ? value : value[t];
        const from = isFlat ? t * channels : 0;
        if (!isFlat && (!Array.isArray(numbers) || numbers.length !== channels)) {
          const must = `a list of ${channels} numbers, one a channel`;
          throw wrong({ case: index, position: t }, formatValue(numbers), must);
        }
        for (let c = 0; c < channels; c++) {
          const number = (numbers as ArrayLike<unknown>)[from + c];
          if (!isTaken(number, missing && statistics !== null)) {
            throw wrong({ case: index, position: t, channel: c }, formatValue(number), 'a finite float32');
          }
          target[at + t * channels + c] = seen(number as number, c, statistics);
        }
      }
    },
  };
}
