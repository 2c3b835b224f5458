import { listed } from '../checks/quoted.js';
import { datasetFormats, type FoundSet } from './formats/datasetFormats.js';
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

/** The sets among files, each once: of several forms of a set, the first counts, and no set is a single channel of another. */
function setsIn(files: readonly string[], folder: string): FoundSet[] {
  const sets = new Map<string, FoundSet>();
  for (const format of datasetFormats) {
    for (const set of format.find(files, folder)) if (!sets.has(set.name)) sets.set(set.name, set);
  }
  // The archive adds a file for each channel.
  return [...sets.values()].filter(
    ({ name }) => !sets.has(name.replace(/Dimension\d+$/, '')) || !/Dimension\d+$/.test(name),
  );
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
  { read: { test: share, ...read } = {}, reading }: { read?: ReadOptions; reading?: Reading } = {},
): Promise<Dataset> {
  const [{ readdir }, path] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const files = await readdir(folder);
  const sets = setsIn(files, path.basename(path.resolve(folder)));
  if (sets.length !== 1) {
    const choices = datasetFormats.map((format) => format.files).join('; or ');
    const names = sets.map(({ name }) => name).sort();
    const found = sets.length > 1 ? `the sets ${listed(names)}` : files.length > 0 ? listed(files.sort()) : 'nothing';
    throw new Error(`${folder}: holds ${found}; it must hold one data set: ${choices} (each may be gzipped)`);
  }
  if (share !== undefined) throw new Error(`${folder}: holds both parts; --test is for a single file`);
  const [set] = sets;
  const { train, test } = await set.read((file) => path.join(folder, file), { ...read, reading });
  checkParts(folder, train, test);
  return {
    name: set.name,
    train,
    test: withClasses(`${folder}: the test part`, test, train.classNames, 'the training part'),
  };
}
