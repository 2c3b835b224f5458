/**
 * Node names the file in an error of opening it, but not in one of writing to it, as on a full disk.
 *
 * @param error of the file system
 * @param path of the file
 * @returns the same error, whose message names the file
 */
export function withPath(error: NodeJS.ErrnoException, path: string): Error {
  if (error.path === undefined) error.message += ` '${path}'`;
  error.path ??= path;
  return error;
}
