import { listed } from '../checks/quoted.js';
import { datasetFormats } from './formats/datasetFormats.js';
import { traitsOf } from './kinds/traitsOf.js';
import type { Dataset, LabelledData } from './labelledData.js';
import { nodeModule } from '../nodeModule.js';

/** What both parts must have in common, as a message shows it. */
function facts(data: LabelledData): Record<string, string> {
  return { ...traitsOf(data).facts(data), classes: data.classNames.join(', ') };
}

const shown = (fact: string) => listed(fact.split(', '));

function checkParts(folder: string, train: LabelledData, test: LabelledData): void {
  const [expected, found] = [facts(train), facts(test)];
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
 * @throws Error if it does not hold exactly one set with both parts, if they differ in channels, image size, vocabulary
 *   or classes, or if a file is malformed
 */
export async function loadFolder(folder: string): Promise<Dataset> {
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
  const { train, test } = await set.read((file) => path.join(folder, file));
  checkParts(folder, train, test);
  return { name: set.name, train, test };
}
