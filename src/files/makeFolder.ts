import { nodeModule } from '../nodeModule.js';
import { isFolder } from './isFolder.js';

/**
 * Makes a folder and those that it lies in, where they are missing. Node's own recursive `mkdir` never ends where a file
 * system takes no folders and says that there is no such place, as /proc does.
 *
 * @param path of the folder
 * @throws the file system's error, with the path
 */
export async function makeFolder(path: string): Promise<void> {
  const [{ mkdir }, paths] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:path')]);
  const make = async () => {
    await mkdir(path).catch(async (error: unknown) => {
      if (!(await isFolder(path))) throw error;
    });
  };
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || paths.dirname(path) === path) throw error;
    await makeFolder(paths.dirname(path));
    await make();
  }
}
