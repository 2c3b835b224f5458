/** The documentation: its programs compile and run, its commands are understood, its links lead somewhere. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import * as pa from 'primal-attention';
import * as predict from 'primal-attention/predict';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkCommand } from './commands.js';
import { commandsOf, pages, programsOf, read, root, snippetsOf } from './pages.js';
import { run, typeErrors } from './programs.js';

const modules = {
  '@tensorflow/tfjs-core': tf,
  '@tensorflow/tfjs-layers': layers,
  'primal-attention': pa,
  'primal-attention/predict': predict,
};

describe('programs', () => {
  const programs = pages
    .map((page) => ({ page, snippets: programsOf(page) }))
    .filter(({ snippets }) => snippets.length);
  const home = process.cwd();
  let folder: string;

  // Where they run: a user's folder, with a data set in it.
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'primal-attention-docs-'));
    await cp(join(root, 'datasets/JapaneseVowels'), join(folder, 'JapaneseVowels'), { recursive: true });
    process.chdir(folder);
  });
  afterAll(async () => {
    process.chdir(home);
    await rm(folder, { recursive: true });
  });

  it('have the right types', () => {
    const all = programs.flatMap(({ page, snippets }) =>
      snippets.map(({ title, code }): [string, string] => [`${page}, ${title}`, code]),
    );
    expect(typeErrors(new Map(all))).toEqual([]);
  });

  it('are not found right whatever they say', () => {
    const wrong = "import { info } from 'primal-attention';\nconst threads: string = info().threads;\n";
    expect(typeErrors(new Map([['wrong', wrong]]))).toEqual([
      "wrong:2: Type 'number' is not assignable to type 'string'.",
    ]);
  });

  describe.each(programs)('of $page run', ({ snippets }) => {
    it.each(snippets)('$title', async ({ code }) => {
      const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
      await run(code, modules).finally(() => log.mockRestore());
    });
  });
});

describe('commands', () => {
  const commands = pages.flatMap((page) => commandsOf(page).map((command) => ({ page, command })));

  it.each(commands)('of $page: $command', async ({ command }) => {
    await checkCommand(command);
  });

  it.each([
    ['npx primal-attention train --data D --epochs none', 'epochs'],
    ['npx primal-attention train --data D --no-such-flag', 'no-such-flag'],
    ['npx primal-attention explain', 'explain'],
    ['npm run bench -- --no-such-flag', 'no-such-flag'],
    ['npm run fuzz -- --no-such-flag', 'no-such-flag'],
    ['npm run nothing', 'nothing'],
    ['make all', 'make all'],
  ])('would not be understood: %s', async (command, reason) => {
    await expect(checkCommand(command)).rejects.toThrow(reason);
  });
});

describe('links', () => {
  it.each(pages)('of %s', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!\w+:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target);
    const missing = targets.filter((target) => !existsSync(new URL(target, pathToFileURL(join(root, page)))));
    expect(missing, dirname(page)).toEqual([]);
  });
});

describe('docs/primalDual.md', () => {
  it('has code for every form', () => {
    const headings = snippetsOf('docs/primalDual.md', 'ts')
      .map(({ title }) => title)
      .join('\n');
    for (const form of [
      ...['Softmax', 'Linear', 'Sparse', 'Multi-head'],
      ...['Attention-BN', 'Attention-SH', 'Attention-Conv'],
    ]) {
      expect(headings).toContain(form);
    }
  });
});
