import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built command line. */
export const commandLine = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Flags of a model that trains in no time. */
export const small = ['--width', '8', '--feed-forward', '8', '--heads', '2', '--layers', '1', '--batch-size', '8'];

export interface Ended {
  /** null if a signal ended it. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A command that runs. */
export interface Started {
  child: ChildProcess;
  /** What it has written to standard error so far. */
  text: () => string;
  ended: Promise<Ended>;
}

/**
 * Starts the built command line.
 *
 * @param cwd the working directory
 * @param args the arguments
 * @param options `env`: more variables; `program`: another build of it
 */
export function startCommand(
  cwd: string,
  args: readonly string[],
  { env = {}, program = commandLine }: { env?: Record<string, string>; program?: string } = {},
): Started {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, [program, ...args], { cwd, stdio, env: { ...process.env, ...env } });
  const said = { stdout: '', stderr: '' };
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...said }));
  });
  return { child, text: () => said.stderr, ended };
}

/**
 * Runs the built command line.
 *
 * @param cwd the working directory
 * @param args the arguments
 * @param onText is given everything it has written to standard error so far
 */
export function runCommand(
  cwd: string,
  args: readonly string[],
  onText: (stderr: string, child: ChildProcess) => void = () => {},
): Promise<Ended> {
  const { child, text, ended } = startCommand(cwd, args);
  child.stderr!.on('data', () => onText(text(), child));
  return ended;
}

/** A `.ts` file with rising ('up') and falling ('down') series of one channel and 3 to 5 positions, in turn. */
export function slopesFile(cases: number): string {
  const line = (index: number) => {
    const values = [0, 1, 2, 3, 4].slice(0, 3 + (index % 3)).map((t) => (index % 2 ? 2 - t : t - 2) + (index % 7) / 20);
    return `${values.join(',')}:${index % 2 ? 'down' : 'up'}`;
  };
  const header = ['@univariate true', '@classLabel true up down', '@data'];
  return [...header, ...Array.from({ length: cases }, (_, index) => line(index))].join('\n');
}

/** Writes a data set of such series into a folder. */
export async function writeSlopes(folder: string, cases: number, testCases: number, name = 'Slopes'): Promise<void> {
  await writeFile(join(folder, `${name}_TRAIN.ts`), slopesFile(cases));
  await writeFile(join(folder, `${name}_TEST.ts`), slopesFile(testCases));
}
