/**
 * Does something with a line of a file.
 *
 * @param source the file
 * @param line the line's number, from 1
 * @param action what to do; what it throws is the reason
 * @returns what the action returns
 * @throws Error `source:line: reason`
 */
export function atLine<T>(source: string, line: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Error(`${source}:${line}: ${(error as Error).message}`, { cause: error });
  }
}
