import { nodeModule } from '../nodeModule.js';

/**
 * @param path any path
 * @returns whether there is a folder
 */
export async function isFolder(path: string): Promise<boolean> {
  const { stat } = await nodeModule('node:fs/promises');
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
