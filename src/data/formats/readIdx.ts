import { readBytes } from '../../files/readBytes.js';

/** An array of bytes with its shape. */
export interface IdxArray {
  /** Sizes of the dimensions, the slowest first. */
  shape: number[];
  values: Uint8Array;
}

/** Types of numbers that IDX files hold, by their byte in the header: names, sizes, and how one is read. */
const types: Readonly<Record<number, { name: string; size: number; read: (view: DataView, at: number) => number }>> = {
  8: { name: 'unsigned bytes', size: 1, read: (view, at) => view.getUint8(at) },
  9: { name: 'signed bytes', size: 1, read: (view, at) => view.getInt8(at) },
  11: { name: '16-bit integers', size: 2, read: (view, at) => view.getInt16(at) },
  12: { name: '32-bit integers', size: 4, read: (view, at) => view.getInt32(at) },
  13: { name: 'float32', size: 4, read: (view, at) => view.getFloat32(at) },
  14: { name: 'float64', size: 8, read: (view, at) => view.getFloat64(at) },
};

const BYTES = 8;

/** The header of an IDX file, and where its values begin. */
function readHeader(bytes: Uint8Array, source: string, taken: readonly number[]) {
  const [zero, zeroToo, type, rank] = bytes;
  if (zero !== 0 || zeroToo !== 0 || !taken.includes(type)) {
    const found = Array.from(bytes.subarray(0, 3)).join(', ');
    const must =
      taken.length === 1
        ? `of ${types[taken[0]].name} begins with 0, 0, ${taken[0]}`
        : `begins with 0, 0 and one of ${taken.join(', ')}`;
    throw new Error(`${source}: the first bytes were ${found}; an IDX file ${must}`);
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new Error(`${source}: the file ends within its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = shape.reduce((a, b) => a * b, 1);
  const { size, read } = types[type];
  const found = (bytes.length - start) / size;
  if (found !== expected) {
    throw new Error(`${source}: the file holds ${found} values; its shape [${shape.join(', ')}] asks for ${expected}`);
  }
  return {
    shape,
    start,
    isBytes: type === BYTES,
    valueAt: (index: number) => read(view, start + index * size),
    expected,
  };
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
  const { shape, start } = readHeader(bytes, source, [BYTES]);
  return { shape, values: bytes.subarray(start) };
}

/**
 * Reads the labels of an IDX file: bytes, which name classes, or other numbers, which are to be learnt. Node only.
 *
 * @param path the file, perhaps gzipped
 * @throws Error as readIdx; if a number is not finite as a float32
 */
export async function readIdxLabels(path: string): Promise<{ shape: number[]; values: number[]; areBytes: boolean }> {
  const bytes = await readBytes(path);
  const { shape, valueAt, expected, isBytes: areBytes } = readHeader(bytes, path, Object.keys(types).map(Number));
  const values = Array.from({ length: expected }, (_, index) => valueAt(index));
  const wrong = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (wrong < 0) return { shape, values, areBytes };
  throw new Error(`${path}: the label of image ${wrong + 1} was ${values[wrong]}; it must be finite`);
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
