import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** Writes an IDX file of unsigned bytes, or of float32, gzipped if the path ends in .gz. */
export async function writeIdx(path: string, shape: number[], values: number[], type: 8 | 13 = 8): Promise<void> {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  const floats = Buffer.alloc(4 * values.length);
  if (type === 13) values.forEach((value, index) => floats.writeFloatBE(value, 4 * index));
  const bytes = Buffer.concat([header, type === 8 ? Buffer.from(values) : floats]);
  await writeFile(path, path.endsWith('.gz') ? gzipSync(bytes) : bytes);
}
