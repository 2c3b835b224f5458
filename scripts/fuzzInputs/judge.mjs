/** What an error says that comes from inside the program, and not from the one who wrote the message. */
const INTERNAL =
  /is not a function|Cannot read prop|Cannot set prop|undefined is not|is not iterable|is not defined|is not a constructor|Maximum call stack|Invalid (array|typed array) length|allocation failed|out of memory|Cannot destructure|Cannot convert|Invalid string length|reduce of empty|unreachable|memory access|offset is out of bounds|Assertion failed|circular structure|\[object Object\]/i;

/** Most characters of an error. */
const LONGEST = 4000;

/**
 * Whether a command refused its input clearly: status 1 or 2, one line that says why, and a hint at the help at most.
 *
 * @param outcome status and standard error
 * @returns why not; undefined if it did, or accepted the input
 */
export function faultIn({ status, stderr }) {
  if (status === 0) return undefined;
  if (status !== 1 && status !== 2) return `status ${status}`;
  const lines = stderr
    .split('\n')
    .filter((line) => line !== '' && !/build$|^\(add --help|^\(Did you mean|^warning: /.test(line));
  if (/^\s+at .*[:)]\d*|node:internal/m.test(stderr)) return `a stack trace: ${stderr}`;
  if (lines.filter((line) => line.startsWith('error: ')).length !== 1) return `not one line of error: ${stderr}`;
  if (stderr.length > LONGEST) return `${stderr.length} characters of error: ${stderr.slice(0, 200)}`;
  if (INTERNAL.test(stderr)) return `an error from inside: ${stderr}`;
  return undefined;
}
