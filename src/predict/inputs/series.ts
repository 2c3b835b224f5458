import type { ChannelStatistics } from '../../data/labelledData.js';
import { formatValue } from '../../checks/values.js';
import { isOf } from '../../checks/isOf.js';
import { interpolated } from '../../data/interpolated.js';
import type { Case } from '../types.js';
import { type CaseWriter, isTaken, seen, wrong } from './caseWriter.js';

/** What series a model takes. */
export interface SeriesFacts {
  statistics: ChannelStatistics | null;
  /** Whether they may have fewer positions than the model. */
  padded: boolean;
  /** Whether they have any number of positions, and are resampled to the model's. */
  resampled: boolean;
}

/** Time series of at most `length` positions of `channels` numbers. */
export function seriesWriter([length, channels]: number[], { statistics, padded, resampled }: SeriesFacts): CaseWriter {
  const isFlat = (value: Case): value is Float32Array => isOf('Float32Array', value);
  const own = (value: Case) => (isFlat(value) ? value.length / channels : value.length);

  return {
    positions(value, index) {
      if (!isFlat(value) && !Array.isArray(value)) {
        throw wrong({ case: index }, formatValue(value), 'a list of positions, or a Float32Array');
      }
      const positions = own(value);
      if (!Number.isInteger(positions)) {
        throw wrong({ case: index }, `${value.length} numbers`, `as many as its positions times ${channels} channels`);
      }
      if (resampled && positions >= 1) return length;
      if (positions >= (padded ? 1 : length) && positions <= length) return positions;
      const must = resampled ? '1 or more positions' : `${padded ? '1 to ' : ''}${length} positions`;
      throw wrong({ case: index }, `${positions} positions long`, `${must} long`);
    },
    write(value, index, positions, target, at, missing) {
      const given = own(value);
      for (let t = 0; t < given; t++) {
        const numbers: unknown = isFlat(value) ? value : value[t];
        const from = isFlat(value) ? t * channels : 0;
        if (!isFlat(value) && (!Array.isArray(numbers) || numbers.length !== channels)) {
          const must = `a list of ${channels} numbers, one a channel`;
          throw wrong({ case: index, position: t }, formatValue(numbers), must);
        }
        for (let c = 0; c < channels; c++) {
          const number = (numbers as ArrayLike<unknown>)[from + c];
          if (!isTaken(number, missing && statistics !== null)) {
            throw wrong({ case: index, position: t, channel: c }, formatValue(number), 'a finite float32');
          }
          if (!resampled) target[at + t * channels + c] = seen(number as number, c, statistics);
        }
      }
      for (let i = 0; resampled && i < positions * channels; i++) {
        const c = i % channels;
        const valueAt = (t: number) => (isFlat(value) ? value[t * channels + c] : (value as number[][])[t][c]);
        const number = interpolated(valueAt, given, Math.floor(i / channels), positions);
        target[at + i] = seen(Math.fround(number), c, statistics);
      }
    },
  };
}
