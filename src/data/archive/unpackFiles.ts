import type { Entry, ZipFile } from 'yauzl';
import { shortened } from '../../checks/quoted.js';
import { isBomb } from '../../files/limits.js';
import { nodeModule } from '../../nodeModule.js';

/** Bits of a Unix file mode that say what it is, and those of a link. */
const KIND = 0o170000;
const LINK = 0o120000;

/** Writes one entry, verifying its checksum. */
async function unpackEntry(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  const [{ createWriteStream }, { pipeline }, zlib] = await Promise.all([
    nodeModule('node:fs'),
    nodeModule('node:stream/promises'),
    nodeModule('node:zlib'),
  ]);
  let sum: number | undefined = typeof zlib.crc32 === 'function' ? 0 : undefined; // Node has it from 20.15 on
  await pipeline(
    await zip.openReadStreamPromise(entry),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        if (sum !== undefined) sum = zlib.crc32(chunk, sum);
        yield chunk;
      }
    },
    createWriteStream(target, { flags: 'wx' }),
  );
  if (sum !== undefined && sum !== entry.crc32)
    throw new Error(`'${entry.fileName}' is damaged: its check sum differs`);
}

/**
 * Unpacks some files of a zip archive, whichever of its folders they are in. Nothing is written but these files. Node
 * only.
 *
 * @param archive path of the archive
 * @param names the files' names, without folders; each must be there once
 * @param folder their destination, an empty folder
 * @param maximum most bytes that they may have together
 * @throws Error with the archive's path and the reason: it is no zip archive or damaged, has a path that leads out of
 *   it (`../`, `/`, `C:`), lacks a file, or is too large
 */
export async function unpackFiles(
  archive: string,
  names: readonly string[],
  folder: string,
  maximum: number,
): Promise<void> {
  const [{ default: yauzl }, path] = await Promise.all([nodeModule('yauzl'), nodeModule('node:path')]);
  const left = new Set(names);
  const others: string[] = [];
  let [bytes, packed] = [0, 0];
  try {
    // yauzl refuses paths that lead out, and entries with more or fewer bytes than they say.
    const zip = await yauzl.openPromise(archive);
    for await (const entry of zip.eachEntry()) {
      const name = path.posix.basename(entry.fileName);
      if (entry.fileName.endsWith('/') || !names.includes(name)) {
        others.push(entry.fileName);
        continue;
      }
      if (!left.delete(name)) throw new Error(`it holds '${name}' twice`);
      if (((entry.externalFileAttributes >>> 16) & KIND) === LINK)
        throw new Error(`'${name}' is a link; it must be a file`);
      bytes += entry.uncompressedSize;
      packed += entry.compressedSize;
      if (isBomb(packed, bytes)) throw new Error(`its files unpack to over 100 times their size, ${bytes} bytes`);
      if (bytes > maximum) throw new Error(`its files have ${bytes} bytes or more; they must have at most ${maximum}`);
      await unpackEntry(zip, entry, path.join(folder, name));
    }
    if (left.size > 0)
      throw new Error(
        `it holds no ${[...left].join(' and no ')}, but ${others.slice(0, 10).map(shortened).join(', ') || 'nothing'}`,
      );
  } catch (error) {
    throw new Error(`${archive}: the archive cannot be used: ${(error as Error).message}`, { cause: error });
  }
}
