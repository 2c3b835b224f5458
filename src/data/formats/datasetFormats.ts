import type { Dataset, LabelledData } from '../labelledData.js';
import { readListOps } from '../listOps/readListOps.js';
import { readArff } from './readArff.js';
import { readCifar10 } from './readCifar10.js';
import type { CsvOptions } from './parseCsv.js';
import { readCsv } from './readCsv.js';
import { readImages } from './readImages.js';
import { readTimeSeries } from './readTimeSeries.js';
import { readUcr } from './readUcr.js';

/** A set that a folder holds. */
export interface FoundSet {
  name: string;
  /** Reads both parts. `path` turns a file's name into its path; `options` say how tables are read. */
  read(path: (file: string) => string, options: CsvOptions): Promise<Pick<Dataset, 'train' | 'test'>>;
}

/** A way to store a data set in files. */
export interface DatasetFormat {
  /** The files' names, for messages. */
  files: string;
  /**
   * The sets with both parts among these files; `folder` is the folder's name, for sets whose files do not name them.
   */
  find(files: readonly string[], folder: string): FoundSet[];
}

/**
 * A format with a file for each part.
 *
 * @param files see DatasetFormat
 * @param patterns names of the training and of the test part's file, the set's name as group 1; without, it is the folder's
 * @param read reads a part; the training part, read before, is given with the test part
 */
function pairs(
  files: string,
  patterns: { train: RegExp; test: RegExp },
  read: (path: string, options: CsvOptions, train?: LabelledData) => Promise<LabelledData>,
): DatasetFormat {
  // The last one counts: of a file and its gzipped twin, the uncompressed one.
  const byName = (names: readonly string[], pattern: RegExp) =>
    new Map(
      [...names]
        .sort()
        .reverse()
        .flatMap((file) => {
          const match = pattern.exec(file);
          return match ? [[match[1] ?? '', file] as const] : [];
        }),
    );
  return {
    files,
    find(names, folder) {
      const tests = byName(names, patterns.test);
      return [...byName(names, patterns.train)]
        .filter(([name]) => tests.has(name))
        .map(([name, file]) => ({
          name: name === '' ? folder : name,
          async read(path, options) {
            const train = await read(path(file), options);
            return { train, test: await read(path(tests.get(name)!), options, train) };
          },
        }));
    },
  };
}

const idxFile = /^(train|t10k|test)[^-]*-(images|labels)[-.]idx\d-(ubyte|byte|short|int|float|double)(\.gz)?$/;

/** MNIST and its relatives: train... and t10k... or test..., each a file of images and one of labels. */
const idxImages: DatasetFormat = {
  files: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte',
  find(names, folder) {
    const parts = new Map<string, string>();
    for (const file of [...names].sort().reverse()) {
      const match = idxFile.exec(file);
      if (match) parts.set(`${match[1] === 'train' ? 'train' : 'test'} ${match[2]}`, file);
    }
    const [images, labels, testImages, testLabels] = ['train images', 'train labels', 'test images', 'test labels'].map(
      (part) => parts.get(part),
    );
    if (!images || !labels || !testImages || !testLabels) return [];
    return [
      {
        name: folder,
        async read(path) {
          const train = await readImages(path(images), path(labels));
          const { classNames } = train;
          return { train, test: await readImages(path(testImages), path(testLabels), { classNames }) };
        },
      },
    ];
  },
};

const cifarBatches = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);

const cifar10: DatasetFormat = {
  files: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin',
  find(names) {
    if (![...cifarBatches, 'test_batch.bin'].every((file) => names.includes(file))) return [];
    return [
      {
        name: 'CIFAR-10',
        async read(path) {
          return {
            train: await readCifar10(cifarBatches.map(path)),
            test: await readCifar10([path('test_batch.bin')]),
          };
        },
      },
    ];
  },
};

const readingOf = (data: LabelledData) => ('reading' in data ? data.reading : undefined);

/** A test part is read as the training part was. */
const likeTraining = (options: CsvOptions, train: LabelledData | undefined): CsvOptions => ({
  ...options,
  ...(train && { classNames: train.classNames, reading: readingOf(train) }),
});

/** All formats that loadDataset knows; of a set in several of them, the first is read. Each file name except CIFAR-10's may be followed by .gz. */
export const datasetFormats: readonly DatasetFormat[] = [
  pairs(
    'NAME_TRAIN.ts and NAME_TEST.ts',
    { train: /^(.+)_TRAIN\.ts(?:\.gz)?$/, test: /^(.+)_TEST\.ts(?:\.gz)?$/ },
    (path) => readTimeSeries(path),
  ),
  pairs(
    'NAME_TRAIN.csv and NAME_TEST.csv, or train.csv and test.csv',
    { train: /^(?:(.+)_)?TRAIN\.csv(?:\.gz)?$/i, test: /^(?:(.+)_)?TEST\.csv(?:\.gz)?$/i },
    (path, options, train) => readCsv(path, likeTraining(options, train)),
  ),
  pairs(
    'NAME_TRAIN.tsv and NAME_TEST.tsv, NAME_TRAIN.txt and NAME_TEST.txt, or NAME_TRAIN and NAME_TEST (UCR)',
    { train: /^(.+)_TRAIN(?:\.tsv|\.txt)?(?:\.gz)?$/, test: /^(.+)_TEST(?:\.tsv|\.txt)?(?:\.gz)?$/ },
    (path, options, train) => readUcr(path, likeTraining(options, train)),
  ),
  pairs(
    'NAME_TRAIN.arff and NAME_TEST.arff',
    { train: /^(.+)_TRAIN\.arff(?:\.gz)?$/, test: /^(.+)_TEST\.arff(?:\.gz)?$/ },
    (path) => readArff(path),
  ),
  idxImages,
  cifar10,
  pairs(
    'NAME_train.tsv and NAME_test.tsv of ListOps',
    { train: /^(.+)_train\.tsv(?:\.gz)?$/, test: /^(.+)_test\.tsv(?:\.gz)?$/ },
    (path) => readListOps(path),
  ),
];
