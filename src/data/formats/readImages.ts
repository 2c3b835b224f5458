import type { LabelledImages } from '../labelledData.js';
import { readIdx, readIdxLabels } from './readIdx.js';

/**
 * Reads images and their labels from two IDX files, as MNIST has them. Node only. The images stay bytes, in one array.
 *
 * @param imagesPath IDX file of shape [cases, height, width] or [cases, height, width, channels], perhaps gzipped
 * @param labelsPath IDX file of shape [cases]: bytes name classes, numbers of other types are to be learnt
 * @param options classNames: names of classes 0, 1, ...; default '0', '1', ... up to the largest label
 * @throws Error with the path if a file is malformed, the shapes do not match, or a label has no name
 */
export async function readImages(
  imagesPath: string,
  labelsPath: string,
  options: { classNames?: string[] } = {},
): Promise<LabelledImages> {
  const { shape, values } = await readIdx(imagesPath);
  const labels = await readIdxLabels(labelsPath);
  const [cases, height, width, channels = 1] = shape;
  if (![3, 4].includes(shape.length) || shape.includes(0)) {
    throw new Error(
      `${imagesPath}: the shape was [${shape.join(', ')}]; it must be [cases, height, width] or with channels last, each 1 or more`,
    );
  }
  if (labels.shape.length !== 1 || labels.shape[0] !== cases) {
    throw new Error(
      `${labelsPath}: the shape was [${labels.shape.join(', ')}]; it must be [${cases}], one label an image`,
    );
  }
  const pixels = { kind: 'images', images: values, height, width, channels } as const;
  if (!labels.areBytes) {
    const targets = labels.values;
    return { ...pixels, targets, targetName: 'label', labels: targets.map(() => -1), classNames: [] };
  }
  const largest = labels.values.reduce((a, b) => Math.max(a, b), 0);
  const classNames = options.classNames ?? Array.from({ length: largest + 1 }, (_, label) => `${label}`);
  if (largest >= classNames.length) {
    throw new Error(`${labelsPath}: a label was ${largest}; it must be from 0 to ${classNames.length - 1}`);
  }
  return { ...pixels, labels: labels.values, classNames };
}
