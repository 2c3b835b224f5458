import { excelNote } from './eachRow.js';
import { isNumber } from './numbers.js';
import { type Separator, separators } from './row.js';

/** Bytes from the beginning that are looked at. */
const LOOKED_AT = 1 << 16;

/** A line without what stands in quotes, whose separators do not count. */
const unquoted = (line: string) => line.replace(/"(?:[^"]|"")*"?/g, 'q');

/** Whether most cells below the first line are numbers, read with a separator. */
function givesNumbers(lines: readonly string[], separator: Separator): boolean {
  const { character } = separators[separator];
  const cells = lines.slice(lines.length > 1 ? 1 : 0).flatMap((line) => line.split(character));
  const numbers = cells.filter((cell) => cell.trim() === '?' || isNumber(cell.trim()));
  return numbers.length * 2 >= cells.length;
}

/**
 * The separator of a table: the only one in its first line, or, of several, the only one that leaves numbers.
 *
 * @param bytes the table's, in UTF-8
 * @param source its name, for errors
 * @param known that of another table of the kind: it decides where several are possible
 * @returns 'comma' if the first line has no separator at all
 * @throws Error that shows the readings, if more than one is possible
 */
export function findSeparator(bytes: Uint8Array, source: string, known?: Separator): Separator {
  const text = new TextDecoder().decode(bytes.subarray(0, LOOKED_AT));
  const all = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  const lines = (bytes.length > LOOKED_AT && all.length > 1 ? all.slice(0, -1) : all).map(unquoted);
  const first = lines[0] ?? '';
  const [, said] = excelNote.exec(first) ?? [];
  const named = (['comma', 'semicolon', 'tab'] as const).find((name) => separators[name].character === said);
  if (named) return named;
  const present = (['comma', 'semicolon', 'tab'] as const).filter((name) => first.includes(separators[name].character));
  if (present.length === 0) return /\S\s+\S/.test(first) && givesBlankColumns(lines) ? 'blank' : 'comma';
  if (present.length === 1) return present[0];
  const possible = present.filter((name) => givesNumbers(lines, name));
  if (possible.length === 1) return possible[0];
  if (known && present.some((name) => name === known)) return known;
  const readings = present.map((name) => {
    const { character, plural } = separators[name];
    return `${first.split(character).length} cells by ${plural} (--separator ${name})`;
  });
  throw new Error(`${source}: the first line can be read as ${readings.join(', or as ')}; say which`);
}

/** Whether lines without other separators have several numbers: one name may have blanks, too. */
function givesBlankColumns(lines: readonly string[]): boolean {
  const cells = lines.slice(lines.length > 1 ? 1 : 0).flatMap((line) => line.trim().split(/\s+/));
  return cells.filter(isNumber).length * 2 >= cells.length;
}
