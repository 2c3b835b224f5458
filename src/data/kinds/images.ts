import type { LabelledImages } from '../labelledData.js';
import { standardizeValues } from '../standardizeValues.js';
import type { KindTraits } from './kindTraits.js';
import { padRows } from './padRows.js';

/** Numbers of one image. */
const sizeOf = ({ height, width, channels }: LabelledImages) => height * width * channels;

/** The numbers of image `index`, as the data has them. */
function pixelsOf(data: LabelledImages, index: number): Uint8Array | Float32Array {
  const size = sizeOf(data);
  return data.images.subarray(index * size, (index + 1) * size);
}

/** Images of one size. */
export const images: KindTraits<LabelledImages> = {
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
