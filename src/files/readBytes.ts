import { LARGEST_FILE } from './limits.js';
import { readChunks, unpacked } from './readChunks.js';

/** All bytes of a stream in one array. */
async function collect(chunks: AsyncIterable<Uint8Array>, source: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of chunks) {
    length += piece.length;
    if (length > LARGEST_FILE) {
      throw new Error(`${source}: has more than ${LARGEST_FILE >> 20} MB; it must have at most that`);
    }
    pieces.push(piece);
  }
  // No Buffer, whose constructor and slice differ from those of other typed arrays.
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * Reads a whole file. Node only.
 *
 * @param path the file, of at most 1 GB; gzipped if its first two bytes say so, whatever its name
 * @returns its bytes, unpacked
 * @throws the file system's and gzip's errors, with the path; Error if it is too large
 */
export function readBytes(path: string): Promise<Uint8Array> {
  return collect(readChunks(path), path);
}

/**
 * Reads a stream to its end, as readBytes does a file. Node only.
 *
 * @param stream the bytes, perhaps gzipped
 * @param source its name, for errors
 */
export function readStream(stream: AsyncIterable<Uint8Array>, source: string): Promise<Uint8Array> {
  return collect(unpacked(stream, source), source);
}
