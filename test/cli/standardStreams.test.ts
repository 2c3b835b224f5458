/** Commands whose standard streams are closed, by their reader or from the start, or cannot be written to. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCommand, slopesFile, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const train = ['train', '--data', '.', ...small, '--epochs', '2', '--output'];
/** What Node says of an error that nobody caught: a stack, and the line of the program, which may have 55 kB. */
const trace = /EPIPE|^ +at |node:|Uncaught/m;

beforeAll(async () => {
  await writeSlopes(folder, 32, 14);
  await writeFile(join(folder, 'many.ts'), slopesFile(6000));
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

/** Runs a script in which $@ is a command of primal-attention. */
function shell(script: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', process.execPath, main, ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const predict = ['predict', '--model', 'model', '--input', 'Slopes_TEST.ts'];
const compare = ['compare', '--data', '.', ...small, '--epochs', '1', '--seeds', '1', '--forms', 'bn'];
const commands: [string, string[], RegExp][] = [
  ['help', ['train', '--help'], /^Usage/],
  ['the version', ['--version'], /^\d/],
  ['train', [...train, 'stdout'], /^Test accuracy/],
  ['train --json', [...train, 'stdout', '--json'], /^\{/],
  ['evaluate', ['evaluate', '--model', 'model', '--data', '.'], /^Test accuracy/],
  ['evaluate --json', ['evaluate', '--model', 'model', '--data', '.', '--json'], /^\{/],
  ['predict', predict, /^\| *case/],
  ['predict --json', [...predict, '--json'], /^\{/],
  ['predict --format csv', [...predict, '--format', 'csv'], /^case,/],
  ['compare', compare, /^\| /],
  ['compare --json', [...compare, '--json'], /^\{/],
  ['inspect', ['inspect', '--model', 'model', '--data', '.', '--cases', '1'], /^Head/],
  ['inspect --json', ['inspect', '--model', 'model', '--data', '.', '--cases', '1', '--json'], /^\{/],
  ['bench', ['bench', '--quick', '--filter', 'attention forward softmax', '--shape', '1x1x8x8'], /./],
  ['info', ['info'], /^primal-attention/],
  ['info --json', ['info', '--json'], /^\{/],
];
/** Those whose result is in words: in JSON, it differs in what is on standard output only. */
const inWords = commands.filter(([name]) => !name.includes('--json'));

describe('standard output that is closed', () => {
  it.each(commands)('ends %s quietly', async (_, args) => {
    const { status, text } = await runWith('stdout', [...args]);
    expect(status).toBe(141);
    expect(text).not.toMatch(trace);
  });

  it('does not keep train from keeping its run', async () => {
    const files = await readdir(join(folder, 'stdout'));
    expect(files).toEqual(expect.arrayContaining(['model.json', 'report.html', 'metrics.jsonl']));
  });
});

describe('standard error that is closed', () => {
  it.each(inWords)('changes nothing of %s', async (_, args, begins) => {
    const { status, text } = await runWith('stderr', args);
    expect({ status, text }).toEqual({ status: 0, text: expect.stringMatching(begins) as string });
  });

  it('leaves the exit status of a failure', async () => {
    expect(await runWith('stderr', ['train', '--epochs', '0'])).toEqual({ status: 2, text: '' });
    expect(await runWith('stderr', ['predict', '--model', 'none', '--input', 'x'])).toEqual({ status: 1, text: '' });
  });
});

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  it.each(commands)('behind standard output is told in one line by %s', async (_, args) => {
    const { status, text } = await runWith('stdout', args, '/dev/full');
    expect(status).toBe(1);
    expect(text).toMatch(/^error: standard output: ENOSPC.*\n$/m);
    expect(text).not.toMatch(/^ +at |node:/m);
  });

  it.each(inWords)('behind standard error changes nothing of %s', async (_, args, begins) => {
    const { status, text } = await runWith('stderr', args, '/dev/full');
    expect({ status, text }).toEqual({ status: 0, text: expect.stringMatching(begins) as string });
  });

  it.each(inWords)('behind both is a failure of %s', (_, args) => {
    expect(shell('"$@" > /dev/full 2> /dev/full', args)).toEqual({ status: 1, stdout: '', stderr: '' });
  });
});

describe('streams that are closed from the start', () => {
  it.each(inWords)('change nothing of what %s does', (_, args, begins) => {
    expect(shell('"$@" <&- >&- 2>&-', args)).toEqual({ status: 0, stdout: '', stderr: '' });
    const { status, stdout } = shell('"$@" <&- 2>&-', args);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(begins) as string });
  });

  it('give predict no cases', () => {
    const { status, stdout, stderr } = shell('"$@" <&-', ['predict', '--model', 'model', '--input', '-', '--quiet']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^error: standard input.*\n$/);
  });
});

describe('a reader that goes away', () => {
  it.each([[[]], [['--json']], [['--format', 'csv']]])('in the middle of what predict %j says', (flags) => {
    const args = ['predict', '--model', 'model', '--input', 'many.ts', '--quiet', ...flags];
    const { status, stdout, stderr } = shell('"$@" | head -1; exit ${PIPESTATUS[0]}', args);
    expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
    expect(stdout).toMatch(/^.*\n$/);
  });

  it('leaves train at work', async () => {
    const args = ['train', '--data', '.', ...small, '--epochs', '30', '--output', 'unread'];
    expect(shell('"$@" 2>&1 | head -2; exit ${PIPESTATUS[0]}', args)).toMatchObject({ status: 141, stderr: '' });
    const metrics = await readFile(join(folder, 'unread/metrics.jsonl'), 'utf8');
    expect(metrics.trim().split('\n')).toHaveLength(30);
    expect(await readdir(join(folder, 'unread'))).toContain('report.html');
  });
});

// A limit on the size of a file does what a disk does that becomes full: it takes a part.
describe('a disk that becomes full', () => {
  const limited = (blocks: number, script: string, args: readonly string[]) =>
    shell(`ulimit -f ${blocks}; ${script}`, args);

  it('under a result is told, as a part of it is no result', () => {
    const args = ['predict', '--model', 'model', '--input', 'many.ts', '--quiet'];
    expect(limited(8, '"$@" > part', args)).toEqual({
      ...{ status: 1, stdout: '' },
      stderr: expect.stringMatching(/^error: standard output: EFBIG.*\n$/) as string,
    });
  });

  it.each([
    ['train', 1, [...train, 'full'], /^error: full: epoch 1 could not be saved; .*EFBIG.* '.*weights\.bin'\n$/],
    ['compare', 1, [...compare, '--output', 'all'], /EFBIG.* '.*'\n$/],
    [
      'inspect',
      8,
      ['inspect', '--model', 'model', '--data', '.', '--output', 'p/i.html'],
      /^error: EFBIG.*'p\/i.html'/,
    ],
  ])('under what %s keeps is told in one line, with the file', (_, blocks, args, line) => {
    const { status, stderr } = limited(blocks, '"$@" > /dev/null', [...args, '--quiet']);
    expect(status).toBe(1);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(trace);
  });
});
