/** Single-character insertions, deletions and replacements that turn a into b. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      current[j] = Math.min(replaced, previous[j] + 1, current[j - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}

/** A name that is none of those known; the message lists them and offers the nearest. */
export class UnknownNameError extends Error {
  /**
   * @param what what is named: `data set`
   * @param name the unknown name
   * @param choices the known names
   * @param hint what else would do: `or a folder that ...`
   * @param more alsoOffered: names that may be meant, too many to list; note: a sentence to end with; cause
   */
  constructor(
    what: string,
    name: string,
    choices: readonly string[],
    hint = '',
    more: { alsoOffered?: readonly string[]; note?: string; cause?: unknown } = {},
  ) {
    const near = [...choices, ...(more.alsoOffered ?? [])]
      .map((choice) => ({ choice, distance: editDistance(name.toLowerCase(), choice.toLowerCase()) }))
      .filter(({ choice, distance }) => distance <= Math.max(1, Math.floor(choice.length * 0.4)))
      .sort((a, b) => a.distance - b.distance)[0];
    const suggestion = near ? ` Did you mean '${near.choice}'?` : '';
    const known = choices.length > 0 ? `one of ${choices.join(', ')}` : 'a known name, and none is';
    const note = more.note ? ` ${more.note}` : '';
    super(`${what} was '${name}'; it must be ${known}${hint}.${suggestion}${note}`, { cause: more.cause });
    this.name = 'UnknownNameError';
  }
}
