/** Commands whose standard output or error is closed by its reader, or cannot be written to. */
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, writeSlopes } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const small = ['--width', '8', '--feed-forward', '8', '--heads', '2', '--layers', '1', '--batch-size', '8'];
const train = ['train', '--data', '.', ...small, '--epochs', '2', '--output'];

beforeAll(async () => {
  await writeSlopes(folder, 32, 14);
  expect((await runCommand(folder, [...train, 'model'])).status).toBe(0);
});

type Stream = 'stdout' | 'stderr';

/** Runs a command with one of its streams closed before it can write, or connected to a file; the other one is read. */
function runWith(broken: Stream, args: readonly string[], file?: string) {
  const other: Stream = broken === 'stdout' ? 'stderr' : 'stdout';
  const target = file === undefined ? 'pipe' : openSync(file, 'w');
  const stdio = broken === 'stdout' ? (['ignore', target, 'pipe'] as const) : (['ignore', 'pipe', target] as const);
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: [...stdio] });
  child[broken]?.destroy();
  let text = '';
  child[other]!.setEncoding('utf8').on('data', (part: string) => (text += part));
  return new Promise<{ status: number | null; text: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, text }));
  });
}

const predict = ['predict', '--model', 'model', '--input', 'Slopes_TEST.ts'];
const commands: [string, string[], RegExp][] = [
  ['help', ['train', '--help'], /^Usage/],
  ['the version', ['--version'], /^\d/],
  ['train', [...train, 'stdout'], /^Test accuracy/],
  ['evaluate', ['evaluate', '--model', 'model', '--data', '.', '--json'], /^\{/],
  ['predict', predict, /^\| *case/],
  ['compare', ['compare', '--data', '.', ...small, '--epochs', '1', '--seeds', '1', '--forms', 'bn'], /^\| /],
  ['inspect', ['inspect', '--model', 'model', '--data', '.', '--cases', '1'], /^Head/],
  ['bench', ['bench', '--quick', '--filter', 'attention forward softmax', '--shape', '1x1x8x8'], /./],
  ['info', ['info', '--json'], /^\{/],
];

describe('standard output that is closed', () => {
  it.each(commands)('ends %s quietly', async (_, args) => {
    const { status, text } = await runWith('stdout', [...args]);
    expect(status).toBe(141);
    expect(text).not.toMatch(/EPIPE|^ +at |node:/m);
  });

  it('does not keep train from keeping its run', async () => {
    const files = await readdir(join(folder, 'stdout'));
    expect(files).toEqual(expect.arrayContaining(['model.json', 'report.html', 'metrics.jsonl']));
  });
});

describe('standard error that is closed', () => {
  it.each(commands)('changes nothing of %s', async (_, args, begins) => {
    const { status, text } = await runWith('stderr', args);
    expect({ status, text }).toEqual({ status: 0, text: expect.stringMatching(begins) as string });
  });

  it('leaves the exit status of a failure', async () => {
    expect(await runWith('stderr', ['train', '--epochs', '0'])).toEqual({ status: 2, text: '' });
    expect(await runWith('stderr', ['predict', '--model', 'none', '--input', 'x'])).toEqual({ status: 1, text: '' });
  });
});

describe.runIf(existsSync('/dev/full'))('a full disk behind standard output', () => {
  it.each(commands)('is told in one line by %s', async (_, args) => {
    const { status, text } = await runWith('stdout', args, '/dev/full');
    expect(status).toBe(1);
    expect(text).toMatch(/^error: standard output: ENOSPC.*\n$/m);
    expect(text).not.toMatch(/^ +at |node:/m);
  });
});
