import { checkInteger } from '../checks/values.js';
import { mixSeed, uniform } from '../random.js';
import type { Batch } from './batches.js';

/**
 * Changes a batch of training cases at random. The same batch and seed give the same result; the given batch is
 * not modified.
 */
export type Augmentation = (batch: Batch, seed: number) => Batch;

/** `image` [height, width, channels] moved by whole pixels; what comes in from outside repeats the border. */
function moved(image: Float32Array, [height, width, channels]: number[], down: number, right: number): Float32Array {
  const result = new Float32Array(image.length);
  const rowLength = width * channels;
  // Columns of the result before `begin` and from `end` on come from outside.
  const begin = Math.min(Math.max(right, 0), width);
  const end = Math.max(width + Math.min(right, 0), begin);
  for (let y = 0; y < height; y++) {
    const from = Math.min(Math.max(y - down, 0), height - 1) * rowLength;
    const row = image.subarray(from, from + rowLength);
    const target = result.subarray(y * rowLength, (y + 1) * rowLength);
    for (let x = 0; x < begin; x++) target.set(row.subarray(0, channels), x * channels);
    target.set(row.subarray((begin - right) * channels, (end - right) * channels), begin * channels);
    for (let x = end; x < width; x++) target.set(row.subarray(rowLength - channels), x * channels);
  }
  return result;
}

/**
 * Moves each image by a whole number of pixels in each direction, uniform from -pixels to pixels. What comes in from
 * outside repeats the image's border, which is background whatever number stands for it: 0 in bytes, but not 0 once the
 * images are standardised.
 *
 * @param pixels largest move, a positive integer
 * @returns an augmentation of image batches
 * @throws Error if pixels is not a positive integer; the augmentation: if the batch is not one of images
 */
export function shiftImages(pixels: number): Augmentation {
  checkInteger('shiftImages', 'pixels', pixels, 1, Infinity);
  return (batch, seed) => {
    const [{ values, shape }] = batch.inputs;
    if (shape.length !== 4) {
      throw new Error(
        `shiftImages: the batch had shape [${shape.join(', ')}]; it must be [B, height, width, channels]`,
      );
    }
    const size = values.length / batch.size;
    const result = new Float32Array(values.length);
    for (let b = 0; b < batch.size; b++) {
      const next = uniform(mixSeed(seed, b));
      const shift = () => Math.floor(next() * (2 * pixels + 1)) - pixels;
      result.set(moved(values.subarray(b * size, (b + 1) * size), shape.slice(1), shift(), shift()), b * size);
    }
    return { ...batch, inputs: [{ values: result, shape }] };
  };
}
