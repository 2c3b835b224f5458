import { meantName } from './meantName.js';
import { quoted } from './quoted.js';

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
    const suggestion = meantName(name, [...choices, ...(more.alsoOffered ?? [])]);
    const known = choices.length > 0 ? `one of ${choices.join(', ')}` : 'a known name, and none is';
    const note = more.note ? ` ${more.note}` : '';
    super(`${what} was ${quoted(name)}; it must be ${known}${hint}.${suggestion}${note}`, { cause: more.cause });
    this.name = 'UnknownNameError';
  }
}
