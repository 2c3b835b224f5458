/**
 * A word of a command line that can be pasted into a shell.
 *
 * @param word any text without NUL, such as a path
 * @returns the same word where no shell would take it apart, else in single quotes
 */
export function shellQuoted(word: string): string {
  // A path that begins with a dash would be taken for a flag.
  const plain = word.startsWith('-') ? `./${word}` : word;
  return /^[\w./:@%+=,-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", `'\\''`)}'`;
}
