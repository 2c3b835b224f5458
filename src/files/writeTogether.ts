/**
 * Replaces files so that a failure (a full disk, a killed process) leaves the old ones: all are written beside their
 * places and flushed before the first takes its place. Node only.
 *
 * @param files contents by path; they take their places in this order
 * @throws the file system's errors; nothing is replaced if a file cannot be written
 */
export async function writeTogether(files: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const written = new Map<string, string>();
  try {
    for (const [path, content] of files) {
      const temporary = `${path}.${process.pid}.tmp`;
      const file = await open(temporary, 'w');
      written.set(temporary, path);
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
    }
    for (const [temporary, path] of written) await rename(temporary, path);
  } catch (error) {
    for (const temporary of written.keys()) await rm(temporary, { force: true });
    throw error;
  }
}
