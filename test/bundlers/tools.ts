// Bundlers and runtimes of test/bundlers/package.json, which are not installed with the package.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('./', import.meta.url));
const execute = promisify(execFile);

/** Whether a tool is installed; says what is skipped, where it is not. */
export function hasTool(name: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  console.warn(`${name} is not installed: its tests are skipped (npm install in test/bundlers).`);
  return false;
}

/** Bundles a module of a project; see build.mjs. */
export async function bundle(tool: string, project: string, entry: string, target: string): Promise<void> {
  await execute(process.execPath, [join(folder, 'build.mjs'), tool, project, entry, target]);
}

/** Runs a program of the tools in a folder, and gives what it prints. */
export async function runTool(name: string, args: string[], cwd: string): Promise<string> {
  const { stdout } = await execute(join(folder, 'node_modules/.bin', name), args, { cwd });
  return stdout;
}

/** The path of a module of the tools. */
export const toolModule = (name: string) => join(folder, 'node_modules', name);
