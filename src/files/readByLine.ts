import { atLine } from './atLine.js';
import { readLines } from './readLines.js';

/**
 * Reads a text file line by line, see readLines. Node only.
 *
 * @param path the file
 * @param onLine takes each line; what it throws gets file and line in front
 * @returns the number of lines
 * @throws Error `path:line: reason`
 */
export async function readByLine(path: string, onLine: (line: string) => void): Promise<number> {
  let number = 0;
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      number++;
      atLine(path, number, () => onLine(line));
    }
  }
  return number;
}
