/** Characters of a text that a message shows; what somebody else wrote may be a whole file. */
const SHOWN = 60;

/** A text in one line: characters that end one, or that a terminal obeys, as JSON has them. */
export function inLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are meant
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A text for a message: in one line, and not longer than a message can bear. */
export function shortened(text: string): string {
  return text.length > SHOWN ? `${inLine(text.slice(0, SHOWN))} ...` : inLine(text);
}

/** shortened, in quotes. */
export const quoted = (text: string) => `'${shortened(text)}'`;

/** What JSON gave, for a message: as JSON, in one line, and not too long. */
export function quotedJson(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value);
  } catch {
    return 'a value that is nested too deeply'; // JSON.parse bears any depth, JSON.stringify does not
  }
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} ...` : text;
}

/** Names of a list that a message shows. */
const LISTED = 30;

/** Names for a message, the first ones if there are many. */
export function listed(names: readonly string[], separator = ', '): string {
  const more = names.length > LISTED ? `${separator}and ${names.length - LISTED} more` : '';
  return names.slice(0, LISTED).map(shortened).join(separator) + more;
}
