import { readBytes } from '../../files/readBytes.js';

/** An array of bytes with its shape. */
export interface IdxArray {
  /** Sizes of the dimensions, the slowest first. */
  shape: number[];
  values: Uint8Array;
}

/**
 * Parses an IDX file of unsigned bytes, the format of MNIST and its relatives: two zero bytes, the type (8), the number
 * of dimensions, each dimension as a big-endian 32-bit integer, then the values.
 *
 * @param bytes the file's
 * @param source its name, for errors
 * @throws Error with the source if the header is wrong or the number of values does not match it
 * @see http://yann.lecun.com/exdb/mnist/, "The IDX file format"
 */
export function parseIdx(bytes: Uint8Array, source: string): IdxArray {
  const [zero, zeroToo, type, rank] = bytes;
  if (zero !== 0 || zeroToo !== 0 || type !== 8) {
    const found = Array.from(bytes.subarray(0, 3)).join(', ');
    throw new Error(`${source}: the first bytes were ${found}; an IDX file of unsigned bytes begins with 0, 0, 8`);
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new Error(`${source}: the file ends within its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = shape.reduce((a, b) => a * b, 1);
  const values = bytes.subarray(start);
  if (values.length !== expected) {
    throw new Error(
      `${source}: the file holds ${values.length} values; its shape [${shape.join(', ')}] asks for ${expected}`,
    );
  }
  return { shape, values };
}

/**
 * Reads an IDX file of unsigned bytes, see parseIdx. Node only.
 *
 * @param path the file, perhaps gzipped
 * @throws Error with the path if the file is malformed; the file system's and gzip's errors, with the path
 */
export async function readIdx(path: string): Promise<IdxArray> {
  return parseIdx(await readBytes(path), path);
}
