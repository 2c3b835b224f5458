import { writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** Writes an IDX file of unsigned bytes, gzipped if the path ends in .gz. */
export async function writeIdx(path: string, shape: number[], values: number[]): Promise<void> {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  const bytes = Buffer.concat([header, Buffer.from(values)]);
  await writeFile(path, path.endsWith('.gz') ? gzipSync(bytes) : bytes);
}
