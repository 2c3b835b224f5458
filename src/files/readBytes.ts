/**
 * Reads a whole file. Node only.
 *
 * @param path the file; gzipped if its first two bytes say so, whatever its name
 * @returns its bytes, unpacked
 * @throws the file system's and gzip's errors, with the path
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  // Imported here so that a browser can load the package.
  const [{ readFile }, { gunzip }, { promisify }] = await Promise.all([
    import('node:fs/promises'),
    import('node:zlib'),
    import('node:util'),
  ]);
  // No Buffer, whose constructor and slice differ from those of other typed arrays.
  const plain = ({ buffer, byteOffset, length }: Buffer) => new Uint8Array(buffer, byteOffset, length);
  const bytes = await readFile(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return plain(bytes);
  try {
    return plain(await promisify(gunzip)(bytes));
  } catch (error) {
    throw new Error(`${path}: the gzip data is damaged: ${(error as Error).message}`, { cause: error });
  }
}
