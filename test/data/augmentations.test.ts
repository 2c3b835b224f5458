import { describe, expect, it } from 'vitest';
import { shiftImages } from '../../src/data/augmentations.js';
import type { Batch } from '../../src/data/batches.js';

/** Images of value 1000 b + 100 y + 10 x + c. */
function batchOf(size: number, height: number, width: number, channels: number): Batch {
  const values = Float32Array.from({ length: size * height * width * channels }, (_, index) => {
    const pixel = Math.floor(index / channels);
    const row = Math.floor(pixel / width);
    return 1000 * Math.floor(row / height) + 100 * (row % height) + 10 * (pixel % width) + (index % channels);
  });
  return { size, inputs: [{ values, shape: [size, height, width, channels] }], labels: new Float32Array(size) };
}

describe('shiftImages', () => {
  const [height, width, channels] = [5, 6, 2];
  const shape = [height, width, channels];
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);

  /** The move [down, right] that made the image of case b, by the middle pixel; every other value must agree. */
  function moveOf({ inputs: [{ values }] }: Batch, b: number): [number, number] {
    const at = (y: number, x: number, c: number) => values[((b * height + y) * width + x) * channels + c];
    const middle = at(2, 3, 0) - 1000 * b;
    const [down, right] = [2 - Math.floor(middle / 100), 3 - Math.floor((middle % 100) / 10)];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          expect(at(y, x, c)).toBe(1000 * b + 100 * clamp(y - down, height) + 10 * clamp(x - right, width) + c);
        }
      }
    }
    return [down, right];
  }

  it('moves each image by itself, all moves alike, and repeats the border', () => {
    const size = 400;
    const batch = batchOf(size, ...(shape as [number, number, number]));
    const before = batch.inputs[0].values.slice();
    const shifted = shiftImages(2)(batch, 5);
    const counts = new Map<string, number>();
    for (let b = 0; b < size; b++) {
      const move = moveOf(shifted, b).join();
      counts.set(move, (counts.get(move) ?? 0) + 1);
    }
    expect(counts.size).toBe(25);
    expect(Math.max(...counts.values())).toBeLessThan(40); // 16 on average, deviation 4
    expect(batch.inputs[0].values).toEqual(before);
    expect(shifted.labels).toBe(batch.labels);
  });

  it('repeats the border alone where an image is moved out of itself', () => {
    const image: Batch = {
      size: 1,
      inputs: [{ values: Float32Array.of(1, 2), shape: [1, 1, 2, 1] }],
      labels: Float32Array.of(0),
    };
    const found = new Set<string>();
    for (let seed = 0; seed < 200; seed++) found.add(shiftImages(5)(image, seed).inputs[0].values.join());
    expect([...found].sort()).toEqual(['1,1', '1,2', '2,2']);
  });

  it('gives the same for the same seed, and something else for another', () => {
    const batch = batchOf(8, 5, 6, 1);
    expect(shiftImages(1)(batch, 3)).toEqual(shiftImages(1)(batch, 3));
    expect(shiftImages(1)(batch, 3)).not.toEqual(shiftImages(1)(batch, 4));
  });

  it('refuses other moves and other batches', () => {
    for (const pixels of [0, 1.5, NaN]) {
      expect(() => shiftImages(pixels)).toThrow(`pixels was ${pixels}; it must be an integer, 1 or more`);
    }
    const series: Batch = {
      size: 1,
      inputs: [{ values: Float32Array.of(1), shape: [1, 1, 1] }],
      labels: Float32Array.of(0),
    };
    expect(() => shiftImages(1)(series, 0)).toThrow('had shape [1, 1, 1]; it must be [B, height, width, channels]');
  });
});
