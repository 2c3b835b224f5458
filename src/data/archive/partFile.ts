import { nodeModule } from '../../nodeModule.js';

/** What has arrived of a file, and of which version: enough to request the rest. */
export interface Part {
  /** Bytes that have arrived. */
  bytes: number;
  /** The server's name of the version: a strong ETag, or else the date of its last change. */
  validator: string;
}

const notePath = (part: string) => `${part}.json`;

/**
 * @param part path of a part left by an earlier download
 * @param url where it came from
 * @returns what is there; undefined if it cannot be resumed
 */
export async function readPart(part: string, url: string): Promise<Part | undefined> {
  const { readFile, stat } = await nodeModule('node:fs/promises');
  try {
    const note = JSON.parse(await readFile(notePath(part), 'utf8')) as { url: string; validator: string };
    const { size } = await stat(part);
    return note.url === url && size > 0 ? { bytes: size, validator: note.validator } : undefined;
  } catch {
    return undefined; // not there, or cut off while it was written: start over
  }
}

/**
 * Records which version of a file a part belongs to, before its first byte is written.
 *
 * @param part path of the part
 * @param url where it comes from
 * @param headers the server's answer; without an ETag or a date, the part cannot be resumed
 */
export async function notePart(part: string, url: string, headers: Headers): Promise<void> {
  const { rm, writeFile } = await nodeModule('node:fs/promises');
  const tag = headers.get('etag');
  const validator = tag && !tag.startsWith('W/') ? tag : headers.get('last-modified');
  if (validator) await writeFile(notePath(part), JSON.stringify({ url, validator }));
  else await rm(notePath(part), { force: true });
}

/**
 * Removes a part and what was recorded about it.
 *
 * @param part path of the part; it need not be there
 */
export async function dropPart(part: string): Promise<void> {
  const { rm } = await nodeModule('node:fs/promises');
  await Promise.all([rm(part, { force: true }), rm(notePath(part), { force: true })]);
}
