/** What the file system's errors mean, where a file or folder of the user's is named. */
const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'is a folder; it must be a file',
  EEXIST: 'is a file; it must be a folder',
  ENOTDIR: 'a part of the path is a file; it must be a folder',
  EACCES: 'may not be opened by this user',
  EPERM: 'may not be changed by this user',
  EROFS: 'is on a disk that cannot be written to',
  ENOSPC: 'there is no space left on its disk',
  ELOOP: 'is a link that leads to itself',
  ENAMETOOLONG: 'the name is too long',
};

/** @returns what an error says, in words where it is one of the file system's */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  if (path === undefined || syscall === undefined || !Object.hasOwn(meanings, code)) return error.message;
  return `${path}: ${meanings[code]} (${code})`;
}
