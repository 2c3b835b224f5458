import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadDataset } from '../../src/data/loadDataset.js';
import { longest } from '../../src/data/longest.js';
import { UnknownNameError } from '../../src/checks/unknownNameError.js';
import { writeIdx } from '../support/idx.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const toy = '@classLabel true a b\n@data\n1,2:3,4:b\n';
const folder = temporaryFolder();

describe('loadDataset', () => {
  it('finds the embedded JapaneseVowels, as its origin describes it', async () => {
    const { name, train, test } = await loadDataset('JapaneseVowels', { kind: 'series' });
    expect(name).toBe('JapaneseVowels');
    expect([train.series.length, test.series.length, train.channels, test.channels]).toEqual([270, 370, 12, 12]);
    expect(train.classNames).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect([Math.min(...train.lengths, ...test.lengths), longest(train, test)]).toEqual([7, 29]);
    const counts = train.classNames.map((_, label) => train.labels.filter((other) => other === label).length);
    expect(counts).toEqual(Array(9).fill(30));
    expect(train.lengths[0]).toBe(20);
    expect(train.series[0].length).toBe(20 * 12);
    // Positions 0 and 1 of the first channels, from the file's first case.
    expect(Array.from(train.series[0].subarray(0, 3))).toEqual([1.860936, -0.207383, 0.261557].map(Math.fround));
    expect(Array.from(train.series[0].subarray(12, 14))).toEqual([1.891651, -0.193249].map(Math.fround));
  });

  it('finds both parts in a folder, gzipped or not', async () => {
    await writeFile(join(folder, 'Toy_TRAIN.ts.gz'), gzipSync(toy));
    await writeFile(join(folder, 'Toy_TEST.ts'), toy);
    const { name, train, test } = await loadDataset(folder);
    expect(name).toBe('Toy');
    expect(train).toEqual(test);
    await writeFile(join(folder, 'Toy_TEST.ts'), toy.replace('1,2:3,4', '1,2'));
    await expect(loadDataset(folder)).rejects.toThrow('the test part has channels 1; the training part has 2');
    await writeFile(join(folder, 'Toy_TEST.ts'), toy.replace('a b', 'b a'));
    const { test: other } = await loadDataset(folder);
    expect([other.labels, other.classNames]).toEqual([[1], ['a', 'b']]); // by name, in the order of the training part
    await writeFile(join(folder, 'Toy_TEST.ts'), toy.replace('a b', 'b'));
    expect((await loadDataset(folder)).test).toEqual(train);
    await writeFile(join(folder, 'Toy_TEST.ts'), toy.replace('a b', 'c b a d'));
    expect((await loadDataset(folder)).test).toEqual(train);
    await writeFile(join(folder, 'Toy_TEST.ts'), `${toy.replace('a b', 'c b')}1:2:c\n`);
    await expect(loadDataset(folder)).rejects.toThrow(
      'the test part: there are cases of c; the training part knows a, b',
    );
    await rm(join(folder, 'Toy_TEST.ts'));
    await expect(loadDataset(folder)).rejects.toThrow(
      /: holds Toy_TRAIN\.ts\.gz; it must hold one data set: NAME_TRAIN/,
    );
  });

  it('finds images in IDX files, whatever is added to their names', async () => {
    const images = join(folder, 'digits');
    await mkdir(images);
    await writeIdx(join(images, 'train2-images-idx3-ubyte'), [2, 1, 3], [1, 2, 3, 4, 5, 6]);
    await writeIdx(join(images, 'train2-labels-idx1-ubyte'), [2], [1, 0]);
    await writeIdx(join(images, 't10k-images.idx3-ubyte.gz'), [1, 1, 3], [7, 8, 9]);
    await writeIdx(join(images, 't10k-labels.idx1-ubyte.gz'), [1], [0]);
    const facts = { kind: 'images', height: 1, width: 3, channels: 1, classNames: ['0', '1'] };
    expect(await loadDataset(images)).toEqual({
      name: 'digits',
      train: { images: Uint8Array.from([1, 2, 3, 4, 5, 6]), labels: [1, 0], ...facts },
      test: { images: Uint8Array.from([7, 8, 9]), labels: [0], ...facts },
    });
    await expect(loadDataset(images, { kind: 'series' })).rejects.toThrow('were images; they must be series');
    await writeIdx(join(images, 't10k-images.idx3-ubyte.gz'), [1, 3, 1], [7, 8, 9]);
    await expect(loadDataset(images)).rejects.toThrow('image size 3 x 1 x 1; the training part has 1 x 3 x 1');
    await writeIdx(join(images, 't10k-labels.idx1-ubyte.gz'), [1], [2]);
    await expect(loadDataset(images)).rejects.toThrow('a label was 2; it must be from 0 to 1');
  });

  it('finds the batches of CIFAR-10, all of them', async () => {
    const batches = join(folder, 'cifar-10-batches-bin');
    await mkdir(batches);
    const files = ['test_batch.bin', ...[1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`)];
    for (const [label, file] of files.entries()) {
      await writeFile(join(batches, file), Buffer.alloc(3073, label));
    }
    const { name, train, test } = await loadDataset(batches, { kind: 'images' });
    expect(name).toBe('CIFAR-10');
    expect([train.labels, test.labels]).toEqual([[1, 2, 3, 4, 5], [0]]);
    await rm(join(batches, files[3]));
    await expect(loadDataset(batches)).rejects.toThrow('holds data_batch_1.bin, data_batch_2.bin, data_batch_4.bin, ');
  });

  it('refuses a folder of two sets', async () => {
    const two = join(folder, 'two');
    await mkdir(two);
    for (const file of ['A_TRAIN.ts', 'A_TEST.ts', 'B_TRAIN.ts', 'B_TEST.ts']) await writeFile(join(two, file), toy);
    await expect(loadDataset(two)).rejects.toThrow(/: holds the sets A, B; it must hold one data set: NAME_TRAIN\.ts/);
  });

  it('lists what is known and offers the nearest name', async () => {
    await expect(loadDataset('JapanesVowel')).rejects.toThrow(UnknownNameError);
    await expect(loadDataset('JapanesVowel')).rejects.toThrow("Did you mean 'JapaneseVowels'?");
    await expect(loadDataset('xyz')).rejects.toThrow(
      /it must be one of JapaneseVowels, ListOps, the name of a set of [^?]*\.$/,
    );
  });
});
