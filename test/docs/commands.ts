// Commands from the documentation, parsed by what would run them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Command, CommanderError } from 'commander';
import { readOptions } from '../../bench/options.js';
import { root } from './pages.js';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** The words of a command line, without their quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare);
}

/** Lets a command of primal-attention parse its arguments, and do nothing. */
async function parse([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name.startsWith('-')) return;
  const module = (await import(pathToFileURL(join(root, `dist/cli/${name}.js`)).href)) as Record<string, () => Command>;
  const command = module[`${name}Command`]();
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  try {
    await command.action(() => undefined).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error; // help ends with 0
  }
}

/** `npm run NAME -- args`, `npm start -- args`, `npm test`. */
async function checkScript(name: string, args: string[]): Promise<void> {
  const script = scripts[name];
  if (script === undefined) throw new Error(`package.json has no script '${name}'`);
  if (script.startsWith('node scripts/bench.mjs')) {
    readOptions([...wordsOf(script).slice(2), ...args]);
  } else if (script.startsWith('node dist/cli/main.js')) {
    await parse([...wordsOf(script).slice(2), ...args]);
  } else {
    const source = script.startsWith('node scripts/') ? readFileSync(join(root, wordsOf(script)[1]), 'utf8') : '';
    const unknown = args.filter((word) => word.startsWith('--') && !source.includes(word));
    if (unknown.length > 0) throw new Error(`the script '${name}' has no ${unknown.join(', ')}`);
  }
}

/**
 * Checks that a command would be understood.
 *
 * @throws Error if it would not, or is none of those that are known
 */
export async function checkCommand(line: string): Promise<void> {
  for (const part of line.split(/ (?:\||&&) /)) {
    const [program, ...rest] = wordsOf(part.replace(/ [<>]+ \S+/g, ''));
    const dashes = rest.indexOf('--');
    const [before, args] = dashes < 0 ? [rest, []] : [rest.slice(0, dashes), rest.slice(dashes + 1)];
    if (program === 'npx' && rest[0] === 'primal-attention') await parse(rest.slice(1));
    else if (program === 'cd')
      return; // the rest is of another package
    // test/serve/docs.test.ts runs curl, and test/bundlers what esbuild makes
    else if (['curl', 'cp', 'mkdir'].includes(program)) continue;
    else if (program === 'npx' && ['vite', 'esbuild'].includes(rest[0])) continue;
    else if (program === 'npm' && before[0] === 'run') await checkScript(before[1], args);
    else if (program === 'npm' && ['start', 'test'].includes(before[0])) await checkScript(before[0], args);
    else if (program !== 'node' && !(program === 'npm' && ['install', 'ci', 'pack'].includes(before[0]))) {
      throw new Error(`'${part}' is a command that this test does not know`);
    }
  }
}
