import { paths as pathsRule } from '../../checks/rules.js';
import { check } from '../../checks/values.js';
import type { LabelledImages } from '../labelledData.js';
import { readBytes } from '../../files/readBytes.js';

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const RECORD = 1 + CHANNELS * PLANE;

/** Names of CIFAR-10's classes, in the order of its labels. */
export const cifar10Classes: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

/** Planes of red, green and blue, as the file has them, into pixels [32, 32, 3]. */
function interleave(planes: Uint8Array, pixels: Uint8Array): void {
  for (let channel = 0; channel < CHANNELS; channel++) {
    for (let place = 0; place < PLANE; place++) pixels[place * CHANNELS + channel] = planes[channel * PLANE + place];
  }
}

/**
 * Reads files of CIFAR-10's binary version, one after another: records of a label and 3 x 1024 bytes of red, green
 * and blue. Node only. The images stay bytes, in one array [cases, 32, 32, 3].
 *
 * @param paths data_batch_1.bin and so on, perhaps gzipped
 * @throws Error with the path if a file does not consist of whole records, or a label is above 9
 * @see https://www.cs.toronto.edu/~kriz/cifar.html
 */
export async function readCifar10(paths: readonly string[]): Promise<LabelledImages> {
  check('readCifar10', 'paths', paths, pathsRule);
  const files: Uint8Array[] = [];
  for (const path of paths) {
    const bytes = await readBytes(path);
    if (bytes.length === 0 || bytes.length % RECORD !== 0) {
      throw new Error(`${path}: the file has ${bytes.length} bytes; they must be a multiple of ${RECORD}, above 0`);
    }
    files.push(bytes);
  }
  const cases = files.reduce((sum, { length }) => sum + length / RECORD, 0);
  const images = new Uint8Array(cases * CHANNELS * PLANE);
  const labels: number[] = [];
  files.forEach((bytes, file) => {
    for (let start = 0; start < bytes.length; start += RECORD) {
      if (bytes[start] >= cifar10Classes.length) {
        throw new Error(`${paths[file]}: the label of record ${start / RECORD} was ${bytes[start]}; it must be 0 to 9`);
      }
      const image = images.subarray(labels.length * CHANNELS * PLANE, (labels.length + 1) * CHANNELS * PLANE);
      interleave(bytes.subarray(start + 1, start + RECORD), image);
      labels.push(bytes[start]);
    }
  });
  return {
    kind: 'images',
    images,
    height: SIDE,
    width: SIDE,
    channels: CHANNELS,
    labels,
    classNames: [...cifar10Classes],
  };
}
