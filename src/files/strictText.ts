// Text must be UTF-8: what is not would become other characters, and different names the same.

import { checkKindOfFile } from './fileKinds.js';

/** Where something in bytes is no text. */
interface Fault {
  /** Index of the byte. */
  at: number;
  byte: number;
}

/** The lowest and highest second byte that may follow these first ones; 0x80 to 0xbf follow the others. */
const second = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);

/** Bytes that follow the first one of a character; -1 if it can be none. */
function followersOf(byte: number): number {
  if (byte < 0x80) return byte === 0 ? -1 : 0;
  if (byte >= 0xc2 && byte <= 0xdf) return 1;
  if (byte >= 0xe0 && byte <= 0xef) return 2;
  return byte >= 0xf0 && byte <= 0xf4 ? 3 : -1;
}

/** The first byte that is not UTF-8 text, which has no zero bytes either. */
function faultIn(bytes: Uint8Array): Fault | undefined {
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at];
    const followers = followersOf(byte);
    if (followers < 0) return { at, byte };
    for (let i = 1; i <= followers; i++) {
      const [low, high] = (i === 1 && second.get(byte)) || [0x80, 0xbf];
      const next = bytes[at + i];
      if (!(next >= low && next <= high)) return { at, byte };
    }
    at += followers + 1;
  }
  return undefined;
}

/** Bytes at the end that begin a character which is not complete, as a piece of a file may. */
function incomplete(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const followers = followersOf(bytes[bytes.length - back]);
    if (followers >= back) return back;
    if (followers >= 0) return 0;
  }
  return 0;
}

function noText(source: string, line: number, column: number, { byte }: Fault): Error {
  const [kind, from] = byte === 0 ? ['UTF-16', 'UTF-16LE'] : ['Latin-1', 'WINDOWS-1252'];
  return new Error(
    `${source}:${line}: byte ${column} of the line is 0x${byte.toString(16).padStart(2, '0')}, which is not UTF-8 text; ` +
      `a file in another encoding must be converted, such as ${kind} with iconv -f ${from} -t UTF-8 OLD > NEW`,
  );
}

/** @throws Error if the bytes begin as those of UTF-16, or of a file that is no text, do */
function checkStart(bytes: Uint8Array, source: string): void {
  checkKindOfFile(bytes, source);
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (!isUtf16) return;
  throw new Error(
    `${source}:1: the file is UTF-16; it must be UTF-8: convert it with iconv -f UTF-16 -t UTF-8 OLD > NEW`,
  );
}

const lineEnd = /\r\n|\n|\r/;

/** Decodes text piece by piece. */
export class StrictDecoder {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private pending = new Uint8Array(0);
  private begun = false;

  /** @param source the text's name, for errors */
  constructor(private readonly source: string) {}

  /**
   * @param chunk the next bytes
   * @param before lines before, and the text of the line that has begun, for errors
   * @returns their text, without a byte-order mark; the bytes of a character that is not complete wait for the next chunk
   * @throws Error `source:line: byte ...` for what is not UTF-8
   */
  decode(chunk: Uint8Array, before: () => { lines: number; rest: string }): string {
    let bytes = chunk;
    if (this.pending.length > 0) {
      bytes = new Uint8Array(this.pending.length + chunk.length);
      bytes.set(this.pending);
      bytes.set(chunk, this.pending.length);
    }
    const isFirst = !this.begun && bytes.length > 0;
    if (isFirst) checkStart(bytes, this.source);
    const end = bytes.length - incomplete(bytes);
    this.pending = bytes.slice(end);
    const text = this.text(bytes.subarray(0, end), before);
    if (text !== '') this.begun = true;
    return isFirst ? text.replace(/^\uFEFF/, '') : text;
  }

  /** @throws Error if the last character is not complete */
  end(before: () => { lines: number; rest: string }): void {
    if (this.pending.length > 0) throw this.fault(this.pending, before());
  }

  private text(bytes: Uint8Array, before: () => { lines: number; rest: string }): string {
    if (!bytes.includes(0)) {
      try {
        return this.decoder.decode(bytes);
      } catch {
        // Where it is comes below.
      }
    }
    throw this.fault(bytes, before());
  }

  private fault(bytes: Uint8Array, { lines, rest }: { lines: number; rest: string }): Error {
    const fault = faultIn(bytes)!;
    const good = rest + new TextDecoder().decode(bytes.subarray(0, fault.at));
    const found = good.split(lineEnd);
    const column = new TextEncoder().encode(found.at(-1)).length + 1;
    return noText(this.source, lines + found.length, column, fault);
  }
}

/** Bytes that are decoded at once. */
const PIECE = 1 << 20;

/** The text of bytes, piece by piece. */
function* pieces(bytes: Uint8Array, source: string): Generator<string> {
  const decoder = new StrictDecoder(source);
  let done = 0;
  const before = () => {
    const lines = new TextDecoder().decode(bytes.subarray(0, done)).split(lineEnd);
    return { lines: lines.length - 1, rest: lines.at(-1)! };
  };
  for (; done < bytes.length; done += PIECE) yield decoder.decode(bytes.subarray(done, done + PIECE), before);
  decoder.end(before);
}

/**
 * @param bytes a text
 * @param source its name, for errors
 * @returns the text, without a byte-order mark
 * @throws Error `source:line: byte ...` if it is not UTF-8, with how to convert it
 */
export function decodeText(bytes: Uint8Array, source: string): string {
  let text = '';
  for (const piece of pieces(bytes, source)) text += piece;
  return text;
}

/** As decodeText, but only looks, so that it needs no memory. */
export function checkText(bytes: Uint8Array, source: string): void {
  for (const piece of pieces(bytes, source)) void piece;
}
