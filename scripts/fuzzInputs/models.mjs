import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initialModels } from './initialModels.mjs';

/**
 * Saves a small model of each kind of data, untrained: it is enough to read inputs with.
 *
 * @param folder gets a folder for each, and a valid input
 * @returns their folders; the files of one as they are, and as earlier versions wrote them, without checksums
 */
export async function saveModels(folder) {
  const models = await initialModels(folder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'valid.ts'), '@data\n1,2\n');
  const sealed = {};
  for (const name of ['model.json', 'weights.bin']) sealed[name] = await readFile(join(models.series, name));
  const json = JSON.parse(sealed['model.json']);
  for (const key of ['checksum', 'sha256']) delete json[key];
  for (const group of json.weightsManifest) delete group.sha256;
  return { models, sealed, plain: { ...sealed, 'model.json': Buffer.from(JSON.stringify(json)) } };
}
