import { statSync } from 'node:fs';

/** As isFolder, at once: for programs of Node only, such as parsers of flags, which cannot wait. */
export const isFolderSync = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
