/** Commands that a signal ends: by Ctrl-C, by the system, by a terminal that is closed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

beforeAll(async () => {
  await writeSlopes(folder, 32, 14);
  const { status } = await runCommand(folder, ['train', '--data', '.', ...small, '--epochs', '1', '--output', 'model']);
  expect(status).toBe(0);
});

/** Runs a command and sends it the signal once, when it has said something on standard error that `when` knows. */
function endWhen(args: readonly string[], when: RegExp, signal: NodeJS.Signals) {
  let sent = false;
  return runCommand(folder, args, (said: string, child: ChildProcess) => {
    if (!sent && when.test(said)) sent = child.kill(signal);
  });
}

describe.each(signals)('%s', (signal, status) => {
  it('ends train with its run kept, and the command that goes on', async () => {
    const output = `run ${signal}`;
    const args = ['train', '--data', '.', ...small, '--epochs', '2000', '--output', output];
    const ended = await endWhen(args, /epoch 2\//, signal);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr.match(/^error: /gm)).toHaveLength(1);
    const done = Number(/interrupted after (\d+) of 2000 epochs/.exec(ended.stderr)?.[1]);
    const resumed = await runCommand(folder, ['train', '--resume', '--output', output, '--epochs', `${done + 1}`]);
    expect(resumed.status).toBe(0);
    const metrics = (await readFile(join(folder, output, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    expect(metrics.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual(
      Array.from({ length: done + 1 }, (_, index) => index + 1),
    );
  });

  it('ends compare, and all its processes', async () => {
    const args = ['compare', '--data', '.', ...small, '--epochs', '2000', '--seeds', '1', '--output', `all ${signal}`];
    const ended = await endWhen(args, /started \(process/, signal);
    expect(ended).toMatchObject({ status, stdout: '' });
    expect(ended.stderr).toMatch(
      /^error: interrupted; finished runs are in .*; the same command continues from there$/m,
    );
    for (const [, pid] of ended.stderr.matchAll(/process (\d+)/g)) expect(() => process.kill(Number(pid), 0)).toThrow();
  });

  // They keep nothing, so that the signal itself ends them, which a shell shows as the same status.
  it('ends predict that waits for its input, without a word', async () => {
    const child = spawn(process.execPath, [main, 'predict', '--model', 'model', '--input', '-'], { cwd: folder });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('build')) child.kill(signal);
    });
    const ended = await new Promise((resolve) => child.once('close', (code, killedBy) => resolve({ code, killedBy })));
    expect(ended).toEqual({ code: null, killedBy: signal });
    expect(said).toMatch(/^\S+ build\n$/);
  });

  it.each([
    ['evaluate', ['evaluate', '--model', 'model', '--data', '.'], /build/],
    ['inspect', ['inspect', '--model', 'model', '--data', '.'], /build/],
    ['bench', ['bench', '--filter', 'attention'], /measuring/],
  ])('ends %s, without a word', async (_, args, when) => {
    const { status: code, stdout, stderr } = await endWhen(args, when, signal);
    expect({ code, stdout }).toEqual({ code: null, stdout: '' });
    expect(stderr).not.toMatch(/^error|^ +at |node:/m);
  });
});
