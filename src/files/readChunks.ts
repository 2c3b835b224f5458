import { path as pathRule } from '../checks/rules.js';
import { check } from '../checks/values.js';
import { isBomb } from './limits.js';
import { nodeModule } from '../nodeModule.js';

const PIECE = 1 << 18;

type Chunks = AsyncIterable<Uint8Array>;

/** The first bytes of a stream, two or more if it has them, and the stream with these in front. */
export async function peek(stream: Chunks): Promise<{ start: Uint8Array; all: AsyncGenerator<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let bytes: number[] = [];
  while (bytes.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    first.push(next.value);
    bytes = first.flatMap((chunk) => [...chunk.subarray(0, 2)]);
  }
  async function* all() {
    try {
      yield* first;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  }
  return { start: Uint8Array.from(bytes), all: all() };
}

/**
 * The bytes of a stream, unpacked if its first two bytes say that it is gzipped. Node only.
 *
 * @param stream the bytes
 * @param source its name, for errors
 * @returns the bytes piece by piece
 * @throws Error `source: reason`, also if the data unpacks to more than real data does
 */
export async function* unpacked(stream: Chunks, source: string): AsyncGenerator<Uint8Array> {
  const { start, all } = await peek(stream);
  if (start[0] !== 0x1f || start[1] !== 0x8b) {
    yield* all;
    return;
  }
  const [{ createGunzip }, { pipeline, Readable }] = await Promise.all([
    nodeModule('node:zlib'),
    nodeModule('node:stream'),
  ]);
  let packed = 0;
  async function* counted() {
    for await (const chunk of all) {
      packed += chunk.length;
      yield chunk;
    }
  }
  // The error of either stream ends both; whoever reads the last one gets it.
  const bytes = pipeline(Readable.from(counted(), { objectMode: false }), createGunzip({ chunkSize: PIECE }), () => {});
  let sum = 0;
  try {
    for await (const chunk of bytes as unknown as Chunks) {
      sum += chunk.length;
      if (isBomb(packed, sum)) {
        throw new Error(
          `the gzip data unpacks to more than ${sum >> 20} MB, over 100 times its size; unpack it first if that is right`,
        );
      }
      yield chunk;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code?.startsWith('Z_') ? `the gzip data is damaged: ${message}` : message;
    if (message.includes(source)) throw error;
    throw new Error(`${source}: ${reason}`, { cause: error });
  }
}

/**
 * Reads a file piece by piece, so that it is never in memory as a whole. Node only.
 *
 * @param path the file, or a pipe; gzipped if its first two bytes say so, whatever its name
 * @returns its bytes, unpacked, up to 256 kB at a time
 * @throws the file system's and gzip's errors, with the path; Error if it unpacks to more than real data does
 */
export async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  check('file', 'path', path, pathRule);
  const { open } = await nodeModule('node:fs/promises');
  try {
    const file = await open(path);
    yield* unpacked(file.createReadStream({ highWaterMark: PIECE }) as Chunks, path);
  } catch (error) {
    const { message } = error as Error;
    if (message.includes(path)) throw error;
    throw new Error(`${path}: ${message}`, { cause: error });
  }
}
