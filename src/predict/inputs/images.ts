import type { ChannelStatistics } from '../../data/labelledData.js';
import { formatValue } from '../../checks/values.js';
import { isOf } from '../../checks/isOf.js';
import { type CaseWriter, isTaken, seen, wrong } from './caseWriter.js';

/** Images of one size. */
export function imageWriter([height, width, channels]: number[], statistics: ChannelStatistics | null): CaseWriter {
  const size = height * width * channels;
  return {
    positions(value, index) {
      const isArray = isOf('Float32Array', value) || isOf('Uint8Array', value);
      if (isArray && value.length === size) return height;
      const found = isArray ? `${value.length} numbers` : formatValue(value);
      const must = `a Uint8Array or Float32Array of ${size} numbers, [${height}, ${width}, ${channels}]`;
      throw wrong({ case: index }, found, must);
    },
    write(value, index, _, target, at, missing) {
      const pixels = value as Float32Array;
      for (let i = 0; i < size; i++) {
        const number = pixels[i];
        const channel = i % channels;
        if (!isTaken(number, missing && statistics !== null)) {
          const pixel = (i - channel) / channels;
          const [row, column] = [Math.floor(pixel / width), pixel % width];
          throw wrong({ case: index, row, column, channel }, String(number), 'a finite float32');
        }
        target[at + i] = seen(number, channel, statistics);
      }
    },
  };
}
