import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Flips one bit of some bytes. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] ^= 1 << (bit & 7);
  return flipped;
}

/** A model.json as versions before checksums wrote it, after some change. */
export async function rewriteAsEarlier<Json extends object>(
  folder: string,
  change: (json: Json) => void = () => {},
): Promise<void> {
  const file = join(folder, 'model.json');
  const { checksum, sha256, ...json } = JSON.parse(await readFile(file, 'utf8')) as Json & {
    checksum: unknown;
    sha256: unknown;
    weightsManifest: { sha256?: string[] }[];
  };
  if (checksum === undefined || sha256 === undefined) throw new Error('it must have checksums');
  for (const group of json.weightsManifest) delete group.sha256;
  change(json as unknown as Json);
  await writeFile(file, JSON.stringify(json));
}
