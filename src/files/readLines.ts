import { LONGEST_LINE } from './limits.js';
import { readChunks } from './readChunks.js';
import { StrictDecoder } from './strictText.js';

/**
 * Divides text into lines, as they arrive.
 *
 * @param chunks the text's bytes, in UTF-8; lines end in LF, CRLF or CR
 * @param source its name, for errors
 * @returns see readLines
 * @throws Error `source:line: reason`, see readLines
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, source: string): AsyncGenerator<string[]> {
  const decoder = new StrictDecoder(source);
  let rest = '';
  let number = 0;
  const before = () => ({ lines: number, rest });
  for await (const chunk of chunks) {
    let text = decoder.decode(chunk, before);
    if (rest.endsWith('\r')) {
      text = `\r${text}`;
      rest = rest.slice(0, -1);
    }
    // A CR at the end may be half a line end: it waits in `rest` for what follows.
    const half = text.endsWith('\r') ? '\r' : '';
    const lines = (half ? text.slice(0, -1) : text).split(/\r\n|\n|\r/);
    lines[0] = rest + lines[0];
    rest = lines.pop()! + half;
    number += lines.length;
    if (lines.length > 0) yield lines;
    if (rest.length > LONGEST_LINE) {
      throw new Error(
        `${source}:${number + 1}: the line has more than ${LONGEST_LINE} characters; it must have at most that`,
      );
    }
  }
  decoder.end(before);
  rest = rest.replace(/\r$/, '');
  if (rest !== '') yield [rest];
}

/**
 * Reads a text file piece by piece, so that only a piece of it and its longest line are in memory at a time. Node only.
 *
 * @param path a file in UTF-8, gzipped if its first two bytes say so, whatever its name; lines end in LF, CRLF or CR
 * @returns the lines without their ends, some at a time, and without a byte-order mark; an empty line behind the last
 *   line end is no line
 * @throws the file system's and gzip's errors, with the path; Error `path:line: reason` for a line of more than 33 million
 *   characters, and for bytes that are not UTF-8
 */
export function readLines(path: string): AsyncGenerator<string[]> {
  return linesOf(readChunks(path), path);
}
