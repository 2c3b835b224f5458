/** Keys that reach an object's prototype where code copies what it reads key by key. */
const HIDDEN = ['__proto__', 'constructor', 'prototype'];

/** Characters up to which the place of a fault is looked for, by parsing the text some 25 times. */
const SEARCHED = 1 << 24;

/** Whether some text could follow that makes JSON of this one. */
function mayContinue(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const [, position] = /at position (\d+)/.exec(message) ?? [];
    return Number(position) === text.length || /end of JSON|Unterminated string/.test(message);
  }
}

/** Where a text stops being JSON, by bisection: V8 often does not say it. */
function placeOf(text: string): string {
  if (text.length > SEARCHED) return '';
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (mayContinue(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = text.slice(0, good).split(/\r\n|\n|\r/);
  const what = good === text.length ? ', where the text ends too early' : `: '${text.slice(good, good + 1)}'`;
  return ` at line ${lines.length}, column ${lines.at(-1)!.length + 1}${what}`;
}

/** JSON with null for `NaN`, which Python writes, outside of strings. */
const withNull = (text: string) =>
  text.replace(/"(?:[^"\\]|\\.)*"|\bNaN\b/g, (found) => (found === 'NaN' ? 'null' : found));

/** The first forbidden key in a value; undefined if there is none. Not recursive: the value may be nested deeply. */
function hiddenKey(value: unknown): string | undefined {
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    const hidden = Object.keys(next).find((key) => HIDDEN.includes(key));
    if (hidden !== undefined) return hidden;
    for (const inner of Object.values(next)) if (typeof inner === 'object') pending.push(inner);
  }
  return undefined;
}

/**
 * Parses JSON that somebody else may have written.
 *
 * @param text the JSON
 * @param takesNaN whether `NaN`, as Python writes it, is null
 * @returns what it holds; no object in it has a key `__proto__`, `constructor` or `prototype`
 * @throws Error with the place of what is wrong
 */
export function parseJson(text: string, takesNaN = false): unknown {
  let value: unknown;
  try {
    value = JSON.parse(takesNaN && text.includes('NaN') ? withNull(text) : text);
  } catch (error) {
    throw new Error(`not JSON${placeOf(text)}`, { cause: error });
  }
  const hidden = hiddenKey(value);
  if (hidden !== undefined) throw new Error(`a key was '${hidden}'; no key may have that name`);
  return value;
}
