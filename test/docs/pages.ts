// The documentation, and the code in it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Paths of the pages that are checked, from the repository's root. */
export const pages = [
  ...['README.md', 'bench/README.md', 'datasets/README.md', 'examples/README.md', 'test/golden/README.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The text of a page. */
export function read(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** A block of code on a page. */
export interface Snippet {
  /** The heading above, and which block of the language below it this is. */
  title: string;
  code: string;
}

/** The blocks of a language on a page, in its order. */
export function snippetsOf(page: string, language: string): Snippet[] {
  let heading = '';
  let below = 0;
  return [...read(page).matchAll(/^#+ (.+)$|^```(\w+)\n([^]*?)^```$/gm)].flatMap(([, title, found, code]) => {
    if (title !== undefined) {
      heading = title;
      below = 0;
    }
    return found === language ? [{ title: `${heading}, ${++below}`, code }] : [];
  });
}

/**
 * The ```ts blocks of a page as programs. One that imports nothing continues the page's first, which has the imports
 * and whatever else all of them share.
 */
export function programsOf(page: string): Snippet[] {
  const [first, ...others] = snippetsOf(page, 'ts');
  if (!first) return [];
  const complete = others.map(({ title, code }) => ({
    title,
    code: /^import /m.test(code) ? code : `${first.code}\n${code}`,
  }));
  return [first, ...complete];
}

/** The commands of a page: the lines of its ```sh blocks, where they are indented too, and inline code like one. */
export function commandsOf(page: string): string[] {
  const blocks = [...read(page).matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].map(([, code]) => code);
  // A command ends with its line, but for a backslash or an open quote.
  const lines = blocks.flatMap((code) => code.match(/(?:"[^"]*"|'[^']*'|\\\n|[^\n])+/g) ?? []);
  const inline = [...read(page).matchAll(/`(np[mx] [^`]+)`/g)].map(([, command]) => command);
  return [...lines, ...inline]
    .map((line) =>
      line
        .replaceAll(/\\?\n\s*/g, ' ')
        .replace(/(^|\s+)#\s.*$/, '')
        .trim(),
    )
    .filter((line) => line !== '');
}
