/** Node's stream of the file, unpacked if its first two bytes say that it is gzipped. */
async function openStream(path: string): Promise<NodeJS.ReadableStream> {
  const [{ open }, { createGunzip }, { pipeline }] = await Promise.all([
    import('node:fs/promises'),
    import('node:zlib'),
    import('node:stream'),
  ]);
  const file = await open(path);
  const magic = new Uint8Array(2);
  await file.read(magic, 0, 2, 0).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  const bytes = file.createReadStream({ start: 0, highWaterMark: 1 << 18 });
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) return bytes;
  // The error of either stream ends both; whoever reads the last one gets it.
  return pipeline(bytes, createGunzip({ chunkSize: 1 << 18 }), () => {});
}

/**
 * Reads a file piece by piece, so that it is never in memory as a whole. Node only.
 *
 * @param path the file; gzipped if its first two bytes say so, whatever its name
 * @returns its bytes, unpacked, up to 256 kB at a time
 * @throws the file system's and gzip's errors, with the path
 */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of await openStream(path)) yield chunk as unknown as Uint8Array;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_')) throw new Error(`${path}: the gzip data is damaged: ${message}`, { cause: error });
    if (message.includes(path)) throw error;
    throw new Error(`${path}: ${message}`, { cause: error });
  }
}
