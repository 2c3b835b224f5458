import { check, formatValue } from '../../checks/values.js';
import { checkStatistics } from '../checkStatistics.js';
import type { Cases, LabelledImages } from '../labelledData.js';
import { standardizeValues } from '../standardizeValues.js';
import { findNotFinite, isNumbers, size } from './caseChecks.js';
import type { KindTraits } from './kindTraits.js';
import { padRows } from './padRows.js';

/** Numbers of one image. */
const sizeOf = ({ height, width, channels }: Cases<LabelledImages>) => height * width * channels;

/** The numbers of image `index`, as the data has them. */
function pixelsOf(data: Cases<LabelledImages>, index: number): Uint8Array | Float32Array {
  const size = sizeOf(data);
  return data.images.subarray(index * size, (index + 1) * size);
}

/** Images of one size. */
export const images: KindTraits<Cases<LabelledImages>> = {
  checkFields(owner, data) {
    const { images, height, width, channels, statistics } = data;
    for (const [name, value] of Object.entries({ height, width, channels })) check(owner, name, value, size);
    if (!isNumbers(images) || Array.isArray(images)) {
      throw new Error(`${owner}: images was ${formatValue(images)}; it must be a Uint8Array or Float32Array`);
    }
    if (images.length % sizeOf(data) !== 0) {
      const one = `${height} x ${width} x ${channels}`;
      throw new Error(
        `${owner}: images held ${images.length} numbers; they must be a multiple of ${sizeOf(data)}, for images of ${one}`,
      );
    }
    if (statistics !== undefined) checkStatistics(owner, statistics, channels);
  },
  checkCase: () => undefined, // all are of one size
  notFinite(data, index, missing) {
    const { images, width, channels, statistics } = data;
    // Bytes are finite; standardising makes 0 of what is missing, and might leave float32.
    if (images instanceof Uint8Array && !statistics) return undefined;
    const pixels = pixelsOf(data, index);
    const values = statistics ? standardizeValues(pixels, statistics) : pixels;
    const at = findNotFinite(values, 0, values.length, missing);
    if (at < 0) return undefined;
    const [pixel, channel] = [Math.floor(at / channels), at % channels];
    const place = `row ${Math.floor(pixel / width) + 1}, column ${(pixel % width) + 1}, channel ${channel + 1}`;
    return { value: values[at], place: statistics ? `${place}, standardised` : place };
  },
  count: (data) => data.images.length / sizeOf(data),
  values: ({ images }) => [images],
  lengths: () => undefined,
  channels: ({ channels }) => channels,
  // They stay bytes until `inputs`: a quarter of the memory.
  standardized(data, statistics) {
    if (data.statistics) throw new Error('standardize: the images were standardised already; it must be done once');
    return { ...data, statistics };
  },
  take(data, indices) {
    const size = sizeOf(data);
    const images = new (data.images.constructor as typeof Float32Array)(indices.length * size);
    indices.forEach((index, place) => images.set(pixelsOf(data, index), place * size));
    return { images };
  },
  inputShapes: ({ height, width, channels }) => [[height, width, channels]],
  inputs(data, indices) {
    const { height, width, channels, statistics } = data;
    const rows = indices.map((index) => {
      const pixels = pixelsOf(data, index);
      return statistics ? standardizeValues(pixels, statistics) : pixels;
    });
    return [{ values: padRows(rows, sizeOf(data)), shape: [indices.length, height, width, channels] }];
  },
  facts: ({ height, width, channels }) => ({ 'image size': [height, width, channels].join(' x ') }),
  metadata: () => ({}),
};
