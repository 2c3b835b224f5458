import { LONGEST_LINE } from './limits.js';
import { readChunks } from './readChunks.js';
import { StrictDecoder } from './strictText.js';

/**
 * Reads a text file piece by piece, so that only a piece of it and its longest line are in memory at a time. Node only.
 *
 * @param path a file in UTF-8, gzipped if its first two bytes say so, whatever its name; lines end in LF, CRLF or CR
 * @returns the lines without their ends, some at a time, and without a byte-order mark; an empty line behind the last
 *   line end is no line
 * @throws the file system's and gzip's errors, with the path; Error `path:line: reason` for a line of more than 33 million
 *   characters, and for bytes that are not UTF-8
 */
export async function* readLines(path: string): AsyncGenerator<string[]> {
  const decoder = new StrictDecoder(path);
  let rest = '';
  let number = 0;
  const before = () => ({ lines: number, rest });
  for await (const chunk of readChunks(path)) {
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
        `${path}:${number + 1}: the line has more than ${LONGEST_LINE} characters; it must have at most that`,
      );
    }
  }
  decoder.end(before);
  rest = rest.replace(/\r$/, '');
  if (rest !== '') yield [rest];
}
