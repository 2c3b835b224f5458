import { DownloadError } from './downloadError.js';
import { dropPart, notePart, readPart } from './partFile.js';
import { withPath } from '../../files/withPath.js';
import { nodeModule } from '../../nodeModule.js';

export interface DownloadOptions {
  /** Largest size in bytes. */
  maximum: number;
  /** Milliseconds without an answer, or without a byte, after which a try ends. */
  timeout: number;
  /** Bytes received, and those of the whole file where the server says. */
  onProgress?: (done: number, total: number | undefined) => void;
}

/** Tries in a row, of which each but the last brought something new. */
const TRIES = 5;

/** A connection that broke: what has arrived is kept, and another try resumes from there. */
class BrokenError extends DownloadError {}

interface Answer {
  body: AsyncIterable<Uint8Array>;
  /** Bytes of the file that precede the body's. */
  start: number;
  /** Bytes of the whole file, if known. */
  total: number | undefined;
}

/** Requests the file, or the rest of it; records a new part. */
async function request(url: string, part: string, signal: AbortSignal): Promise<Answer> {
  const before = await readPart(part, url);
  // With If-Range, the server sends the rest only if the version is the same, and otherwise the whole new one.
  const range = before ? { range: `bytes=${before.bytes}-`, 'if-range': before.validator } : undefined;
  const response = await fetch(url, { headers: { 'accept-encoding': 'identity', ...range }, signal });
  const { status, headers } = response;
  const body = response.body as unknown as AsyncIterable<Uint8Array>;
  if (before && status === 206) {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
    if (Number(start) === before.bytes) return { body, start: before.bytes, total: Number(total) };
  }
  if (before && (status === 206 || status === 416)) {
    // Not the rest that was requested: start over.
    await dropPart(part);
    return request(url, part, signal);
  }
  if (status !== 200) throw new DownloadError(url, `the server answered with status ${status}`, status);
  await dropPart(part); // before its note is that of another version
  await notePart(part, url, headers);
  const length = headers.get('content-length');
  return { body, start: 0, total: length === null ? undefined : Number(length) };
}

/** One try. Whatever happens, the part holds everything that arrived. */
async function receive(url: string, part: string, { maximum, timeout, onProgress }: DownloadOptions): Promise<void> {
  const { open } = await nodeModule('node:fs/promises');
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`nothing came for ${timeout / 1000} s`)), timeout);
  const tooLarge = async (bytes: number) => {
    await dropPart(part);
    return new DownloadError(url, `the file has ${bytes} bytes or more; it must have at most ${maximum}`);
  };
  try {
    const { body, start, total } = await request(url, part, silence.signal);
    if (total !== undefined && total > maximum) throw await tooLarge(total);
    const file = await open(part, start > 0 ? 'a' : 'w');
    let done = start;
    try {
      for await (const chunk of body) {
        timer.refresh();
        done += chunk.length;
        if (done > maximum) throw await tooLarge(done);
        await file.writeFile(chunk).catch((error: NodeJS.ErrnoException) => Promise.reject(withPath(error, part)));
        onProgress?.(done, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    if (total !== undefined && done !== total) {
      throw new BrokenError(url, `the file ended after ${done} bytes; it must have ${total}`);
    }
  } catch (error) {
    // fetch's own errors are TypeErrors that hide their reason one level down; others are the file system's.
    if (!(error instanceof TypeError) && !silence.signal.aborted) throw error;
    const { message, cause } = (silence.signal.aborted ? silence.signal.reason : error) as Error;
    throw new BrokenError(url, cause instanceof Error ? `${message}: ${cause.message}` : message, undefined, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    silence.abort(); // lets go of an answer that was not read to its end
  }
}

/**
 * Downloads a file. Until it is complete it is kept next to its destination as PATH.part; a later call resumes from
 * there if the server still has the same version (by HTTP Range and If-Range). Node only.
 *
 * @param url http or https
 * @param path the file's destination; it exists only once the file is complete
 * @param options see DownloadOptions
 * @throws DownloadError if the server does not answer with the file, the connection breaks and another try brings
 *   nothing more, or the file is too large
 */
export async function downloadFile(url: string, path: string, options: DownloadOptions): Promise<void> {
  const { rename } = await nodeModule('node:fs/promises');
  const part = `${path}.part`;
  for (let tries = 1; ; tries++) {
    const before = (await readPart(part, url))?.bytes ?? 0;
    try {
      await receive(url, part, options);
      break;
    } catch (error) {
      if (!(error instanceof BrokenError) || tries === TRIES) throw error;
      const after = (await readPart(part, url))?.bytes ?? 0;
      if (after <= before) throw error;
    }
  }
  await rename(part, path);
  await dropPart(part);
}
