import { nodeModule } from '../nodeModule.js';

/**
 * @param path any path
 * @returns whether there is a file
 */
export async function isFile(path: string): Promise<boolean> {
  const { stat } = await nodeModule('node:fs/promises');
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
