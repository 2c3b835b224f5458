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
  const put = (value: unknown, target: Float32Array | Int32Array, at: number, channel: number): boolean => {
    if (!isFloat32(value)) return false;
    target[at + channel] = statistics ? standardizeValue(value, channel, statistics) : value;
    return true;
  };
  const fail = (index: number, position: number, channel: number, value: unknown) =>
    wrong(`case ${index}, position ${position}, channel ${channel}`, formatValue(value), 'a finite float32');
  /** The positions of a case, checked: 1 to `length`. */
  const checkPositions = (positions: number, index: number) => {
    if (positions >= (padded ? 1 : length) && positions <= length) return;
    throw wrong(`case ${index}`, `${positions} positions long`, `${padded ? '1 to ' : ''}${length} positions long`);
  };
  return {
    write(value, index, target, at) {
      let positions: number;
      if (isOf('Float32Array', value)) {
        const flat = value as Float32Array;
        positions = flat.length / channels;
        if (!Number.isInteger(positions)) {
          throw wrong(`case ${index}`, `${flat.length} numbers`, `as many as its positions times ${channels} channels`);
        }
        checkPositions(positions, index);
        for (let t = 0, from = 0; t < positions; t++, from += channels) {
          for (let c = 0; c < channels; c++) {
            if (!put(flat[from + c], target, at + from, c)) throw fail(index, t, c, flat[from + c]);
          }
        }
      } else {
        if (!Array.isArray(value)) {
          throw wrong(`case ${index}`, formatValue(value), 'a list of positions, or a Float32Array');
        }
        positions = value.length;
        checkPositions(positions, index);
        for (let t = 0; t < positions; t++) {
          const own: unknown = value[t];
          if (!Array.isArray(own) || own.length !== channels) {
            throw wrong(
              `case ${index}, position ${t}`,
              formatValue(own),
              `a list of ${channels} numbers, one a channel`,
            );
          }
          for (let c = 0; c < channels; c++) {
            if (!put(own[c], target, at + t * channels, c)) throw fail(index, t, c, own[c]);
          }
        }
      }
      target.fill(0, at + positions * channels, at + length * channels);
      return positions;
    },
  };
}
