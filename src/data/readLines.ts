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
 * Reads a text file piece by piece, so that only a piece of it and its longest line are in memory at a time. Node only.
 *
 * @param path a file in UTF-8, gzipped if its first two bytes say so, whatever its name; lines end in LF, CRLF or CR
 * @returns the lines without their ends, some at a time, and without a byte-order mark; an empty line behind the last
 *   line end is no line
 * @throws the file system's and gzip's errors, with the path
 */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of await openStream(path)) {
      let text = decoder.decode(chunk as unknown as Uint8Array, { stream: true });
      if (rest.endsWith('\r')) {
        text = `\r${text}`;
        rest = rest.slice(0, -1);
      }
      // A CR at the end may be half a line end: it waits in `rest` for what follows.
      const half = text.endsWith('\r') ? '\r' : '';
      const lines = (half ? text.slice(0, -1) : text).split(/\r\n|\n|\r/);
      lines[0] = rest + lines[0];
      rest = lines.pop()! + half;
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('Z_')) throw new Error(`${path}: the gzip data is damaged: ${message}`, { cause: error });
    if (message.includes(path)) throw error;
    throw new Error(`${path}: ${message}`, { cause: error });
  }
  rest = (rest + decoder.decode()).replace(/\r$/, '');
  if (rest !== '') yield [rest];
}
