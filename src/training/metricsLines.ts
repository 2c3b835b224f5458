import { nodeModule } from '../nodeModule.js';

/**
 * Compares metrics.jsonl with what it must hold. A process that was killed may have left fewer lines, half a line or, after
 * its checkpoint was replaced by the one before, more of them. Node only.
 *
 * @param path the file; it need not be there
 * @param lines what the checkpoint knows, each with its line end
 * @returns the number of the first line that is something else, from 1; undefined if there is none
 */
export async function damagedLine(path: string, lines: readonly string[]): Promise<number | undefined> {
  const { readFile } = await nodeModule('node:fs/promises');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const expected = lines.join('');
  const begins = expected.slice(0, text.length);
  if (text.startsWith(begins)) return undefined;
  let at = 0;
  while (text[at] === begins[at]) at++;
  return begins.slice(0, at).split('\n').length;
}
