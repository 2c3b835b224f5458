import { readFile } from 'node:fs/promises';

/** The bytes of a file beside the code; undefined where a bundle left it behind, or, as CommonJS, has no address. */
export async function fileBeside(address: () => URL): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(address()));
  } catch {
    return undefined;
  }
}
