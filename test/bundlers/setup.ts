// Before the tests of this folder: a user's project, as npm makes one of the package's tarball, the tools that are installed
// here, and the programs of project/. The tests are given its folder, and what the programs say in this Node.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { Answer } from './answers.js';
import { toolFolder, toolsInstalled } from './tools.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The project's folder; '' where the tools are not installed. */
    project: string;
    /** What the programs say in this Node. */
    expected: Record<'main' | 'predict', Answer>;
  }
}

const here = fileURLToPath(new URL('./', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Copies node_modules, by hard links where the file system has them: it is large. */
function copyTools(target: string): void {
  try {
    execFileSync('cp', ['-al', toolFolder, target], { stdio: 'ignore' });
  } catch {
    cpSync(toolFolder, target, { recursive: true, verbatimSymlinks: true });
  }
}

export default function setup({ provide }: TestProject): (() => Promise<void>) | undefined {
  if (!toolsInstalled) {
    console.warn('The tests of test/bundlers are skipped: `npm ci --prefix test/bundlers` installs what they need.');
    provide('project', '');
    return undefined;
  }
  const project = mkdtempSync(join(tmpdir(), 'primal-attention-project-'));
  const run = (command: string, args: string[], cwd = project) =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  cpSync(join(here, 'project'), project, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(here, file), join(project, file));
  for (const part of ['main', 'predict']) cpSync(join(here, 'project/each'), join(project, part), { recursive: true });
  copyTools(join(project, 'node_modules'));
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project];
  const tarball = run('npm', pack, root).trim();
  const quietly = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', ...quietly, `./${tarball}`]);
  run(process.execPath, ['save.js']);
  const answer = (part: string) => JSON.parse(run(process.execPath, [`${part}/run.js`])) as Answer;
  provide('project', project);
  provide('expected', { main: answer('main'), predict: answer('predict') });
  return () => rm(project, { recursive: true, maxRetries: 5 });
}
