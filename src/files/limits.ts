// How much of a file is taken into memory, so that a file made to exhaust it is an error instead.

/** Most bytes of a file that is read as a whole, unpacked. */
export const LARGEST_FILE = 2 ** 30;

/** Most characters of a line: a series of some millions of positions. */
export const LONGEST_LINE = 2 ** 25;

/** Packed data may unpack to this many bytes, or ... */
const UNPACKED_FREELY = 2 ** 28;
/** ... to this many times its size; numbers as text are packed to about a fifth. */
const UNPACKED_TIMES = 100;

/**
 * Whether packed data unpacks to more than real data does: it was made to fill memory or disk.
 *
 * @param packed bytes
 * @param unpacked bytes so far
 */
export function isBomb(packed: number, unpacked: number): boolean {
  return unpacked > UNPACKED_FREELY && unpacked > UNPACKED_TIMES * packed;
}
