import { listed } from '../checks/quoted.js';
import { datasetFormats } from './formats/datasetFormats.js';
import { traitsOf } from './kinds/traitsOf.js';
import type { Dataset, LabelledData } from './labelledData.js';
import type { Reading, ReadOptions } from './readOptions.js';
import { withClasses } from './withClasses.js';
import { nodeModule } from '../nodeModule.js';

const shown = (fact: string) => listed(fact.split(', '));

/** @throws Error unless both parts have the same channels, image size or vocabulary */
function checkParts(folder: string, train: LabelledData, test: LabelledData): void {
  const [expected, found] = [traitsOf(train).facts(train), traitsOf(test).facts(test)];
  const different = Object.keys(expected).find((fact) => found[fact] !== expected[fact]);
  if (different) {
    throw new Error(
      `${folder}: the test part has ${different} ${shown(found[different])}; the training part has ${shown(expected[different])}`,
    );
  }
}

/**
 * Loads the one data set that a folder holds, in any of datasetFormats. Node only.
 *
 * @param folder path of the folder
 * @param options see LoadOptions
 * @throws Error if it does not hold exactly one set with both parts, if they differ in channels, image size or
 *   vocabulary, if the test part has a class that the training part has not, or if a file is malformed
 */
export async function loadFolder(
  folder: string,
  { read, reading }: { read?: ReadOptions; reading?: Reading } = {},
): Promise<Dataset> {
  const [{ readdir }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const files = await readdir(folder);
  const sets = datasetFormats.flatMap((format) => format.find(files, path.basename(path.resolve(folder))));
  if (sets.length !== 1) {
    const found =
      sets.length === 0
        ? 'none'
        : sets
            .map(({ name }) => name)
            .sort()
            .join(', ');
    const choices = datasetFormats.map((format) => format.files).join('; or ');
    throw new Error(`${folder}: must hold one data set: ${choices} (each may be gzipped); sets found: ${found}`);
  }
  const [set] = sets;
  const { train, test } = await set.read((file) => path.join(folder, file), { ...read, reading });
  checkParts(folder, train, test);
  return {
    name: set.name,
    train,
    test: withClasses(`${folder}: the test part`, test, train.classNames, 'the training part'),
  };
}
