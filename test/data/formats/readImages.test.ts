import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { cifar10Classes, readCifar10 } from '../../../src/data/formats/readCifar10.js';
import { readIdx } from '../../../src/data/formats/readIdx.js';
import { readImages } from '../../../src/data/formats/readImages.js';
import { writeIdx } from '../../support/idx.js';
import { temporaryFolder } from '../../support/temporaryFolder.js';

const folder = temporaryFolder();
const [images, labels] = ['images', 'labels'].map((name) => join(folder, name));

describe('readIdx', () => {
  it.each(['plain', 'packed.gz'])('reads shape and bytes (%s)', async (file) => {
    await writeIdx(join(folder, file), [2, 1, 3], [0, 1, 2, 253, 254, 255]);
    const { shape, values } = await readIdx(join(folder, file));
    expect(shape).toEqual([2, 1, 3]);
    expect(Array.from(values)).toEqual([0, 1, 2, 253, 254, 255]);
  });

  it.each([
    ['another type', [0, 0, 13, 1, 0, 0, 0, 0], 'the first bytes were 0, 0, 13'],
    ['no IDX file', [60, 104], 'the first bytes were 60, 104;'],
    ['a cut header', [0, 0, 8, 2, 0, 0, 0, 1], 'ends within its header'],
    ['too few values', [0, 0, 8, 1, 0, 0, 0, 2, 7], 'holds 1 values; its shape [2] asks for 2'],
    ['too many values', [0, 0, 8, 1, 0, 0, 0, 0, 7], 'holds 1 values; its shape [0] asks for 0'],
  ])('refuses %s', async (_, bytes, reason) => {
    const path = join(folder, 'wrong');
    await writeFile(path, Buffer.from(bytes));
    await expect(readIdx(path)).rejects.toThrow(`${path}: `);
    await expect(readIdx(path)).rejects.toThrow(reason);
  });
});

describe('readImages', () => {
  it('takes grey images and images with channels; names of classes or digits', async () => {
    await writeIdx(labels, [2], [2, 0]);
    await writeIdx(images, [2, 1, 2], [1, 2, 3, 4]);
    expect(await readImages(images, labels)).toEqual({
      kind: 'images',
      images: Uint8Array.from([1, 2, 3, 4]),
      height: 1,
      width: 2,
      channels: 1,
      labels: [2, 0],
      classNames: ['0', '1', '2'],
    });
    await writeIdx(images, [2, 1, 1, 2], [1, 2, 3, 4]);
    const classNames = ['a', 'b', 'c'];
    expect(await readImages(images, labels, { classNames })).toMatchObject({ width: 1, channels: 2, classNames });
  });

  it('takes labels that are no bytes for numbers to learn', async () => {
    await writeIdx(images, [2, 1, 2], [1, 2, 3, 4]);
    await writeIdx(labels, [2], [0.5, -3], 13);
    expect(await readImages(images, labels)).toMatchObject({ targets: [0.5, -3], labels: [-1, -1], classNames: [] });
    await writeIdx(labels, [2], [0.5, NaN], 13);
    await expect(readImages(images, labels)).rejects.toThrow(`${labels}: the label of image 2 was NaN`);
  });

  it('refuses shapes that do not fit, and labels without a name', async () => {
    await writeIdx(images, [1, 1, 2], [1, 2]);
    await writeIdx(labels, [2], [2, 0]);
    await expect(readImages(images, labels)).rejects.toThrow(`${labels}: the shape was [2]; it must be [1]`);
    await expect(readImages(labels, labels)).rejects.toThrow(`${labels}: the shape was [2]; it must be [cases,`);
    await writeIdx(labels, [1], [2]);
    await expect(readImages(images, labels, { classNames: ['a', 'b'] })).rejects.toThrow(
      `${labels}: a label was 2; it must be from 0 to 1`,
    );
  });
});

describe('readCifar10', () => {
  /** Pixel p of the record has red p % 251, green 1 more, blue 2 more. */
  const record = (label: number) => [
    label,
    ...[0, 1, 2].flatMap((c) => Array.from({ length: 1024 }, (_, p) => (p % 251) + c)),
  ];

  it('puts the colours of a pixel side by side, over several files', async () => {
    const paths = [join(folder, 'a.bin'), join(folder, 'b.bin.gz')];
    await writeFile(paths[0], Buffer.from([...record(3), ...record(9)]));
    await writeFile(paths[1], gzipSync(Buffer.from(record(0))));
    const data = await readCifar10(paths);
    expect(data).toMatchObject({ height: 32, width: 32, channels: 3, labels: [3, 9, 0], classNames: cifar10Classes });
    const image = Array.from({ length: 3072 }, (_, index) => (Math.floor(index / 3) % 251) + (index % 3));
    expect(data.images).toEqual(Uint8Array.from([...image, ...image, ...image]));
  });

  it('refuses parts of records, empty files and labels above 9', async () => {
    const path = join(folder, 'wrong.bin');
    await writeFile(path, Buffer.from(record(1).slice(1)));
    await expect(readCifar10([path])).rejects.toThrow(
      `${path}: the file has 3072 bytes; they must be a multiple of 3073`,
    );
    await writeFile(path, '');
    await expect(readCifar10([path])).rejects.toThrow('has 0 bytes');
    await writeFile(path, Buffer.from([...record(1), ...record(10)]));
    await expect(readCifar10([path])).rejects.toThrow(`${path}: the label of record 1 was 10; it must be 0 to 9`);
  });
});
