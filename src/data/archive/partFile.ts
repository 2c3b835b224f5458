/** What has come of a file, and which version of it: by that, the rest can be asked for. */
export interface Part {
  /** Bytes that are there. */
  bytes: number;
  /** The server's name of the version: a strong ETag, or else the date of its last change. */
  validator: string;
}

const notePath = (part: string) => `${part}.json`;

/**
 * @param part path of a part that was left from before
 * @param url where it came from
 * @returns what is there; undefined if it cannot be continued
 */
export async function readPart(part: string, url: string): Promise<Part | undefined> {
  const { readFile, stat } = await import('node:fs/promises');
  try {
    const note = JSON.parse(await readFile(notePath(part), 'utf8')) as { url: string; validator: string };
    const { size } = await stat(part);
    return note.url === url && size > 0 ? { bytes: size, validator: note.validator } : undefined;
  } catch {
    return undefined; // not there, or cut while it was written: begin anew
  }
}

/**
 * Notes which version of a file a part is of, before its first byte is written.
 *
 * @param part path of the part
 * @param url where it comes from
 * @param headers the server's answer; without ETag and date the part cannot be continued
 */
export async function notePart(part: string, url: string, headers: Headers): Promise<void> {
  const { rm, writeFile } = await import('node:fs/promises');
  const tag = headers.get('etag');
  const validator = tag && !tag.startsWith('W/') ? tag : headers.get('last-modified');
  if (validator) await writeFile(notePath(part), JSON.stringify({ url, validator }));
  else await rm(notePath(part), { force: true });
}

/**
 * Removes a part and what was noted of it.
 *
 * @param part path of the part; it need not be there
 */
export async function dropPart(part: string): Promise<void> {
  const { rm } = await import('node:fs/promises');
  await Promise.all([rm(part, { force: true }), rm(notePath(part), { force: true })]);
}
