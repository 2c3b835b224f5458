import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { platform } from '../../src/runtime/platform/node.js';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();
const run = (...args: string[]) => runCommand(folder, args);
const briefly = [...small, '--epochs', '1'];
const train = ['train', '--data', '.', ...briefly];
const compare = [
  'compare',
  '--data',
  '.',
  '--forms',
  'softmax',
  '--seeds',
  '1',
  '--jobs',
  '1',
  '--threads',
  '1',
  ...briefly,
];
const missing = platform.whyNotWide();

beforeAll(async () => {
  await writeSlopes(folder, 32, 14);
  await writeFile(join(folder, 'off.json'), '{ "wide": "off" }');
  expect(await run(...train, '--output', 'model', '--wide', 'off', '--quiet')).toMatchObject({ status: 0, stderr: '' });
});

/** Commands that compute, with what they need. */
const commands = [
  [...train, '--output', 'other'],
  ['evaluate', '--model', 'model', '--data', '.'],
  ['predict', '--model', 'model', '--input', 'Slopes_TEST.ts'],
  [...compare, '--output', 'comparison'],
  ['inspect', '--model', 'model', '--data', '.'],
  ['bench', '--quick', '--filter', 'attention sh forward'],
  ['info'],
];

describe.each(commands.map((args) => [args[0], args] as const))('%s --wide', (name, args) => {
  it('auto is the default, and says what computes', async () => {
    const { status, stdout, stderr } = await run(...args);
    expect(status).toBe(0);
    expect(stdout + stderr).toMatch(missing === undefined ? /\bwide/ : /\brelaxed/);
    if (missing !== undefined && ['bench', 'info'].includes(name)) expect(stdout).toContain(`wide: ${missing}`);
  });

  it.runIf(missing !== undefined)('on ends with status 1 and the reason where it cannot be had', async () => {
    const { status, stdout, stderr } = await run(...args, '--wide', 'on');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    // What was read may stand before it.
    expect(`\n${stderr}`).toContain(`\nerror: init: wide was true; it cannot be had here: ${missing}\n`);
  });

  it('is auto, on or off', async () => {
    const { status, stderr } = await run(...args, '--wide', 'yes');
    expect(status).toBe(2);
    expect(stderr).toContain("It must be 'auto', 'on' or 'off'.");
  });
});

it.runIf(missing === undefined)('gives the processes of compare what it was told', async () => {
  const on = await run(...compare, '--output', 'on', '--wide', 'on');
  expect(on.stderr).toMatch(/1 process with 1 thread each, wide build$/m);
  const off = await run(...compare, '--output', 'off', '--wide', 'off');
  expect(off.stderr).toMatch(/1 process with 1 thread each, relaxed build$/m);
});

it('may stand in a config file, and is not part of a run', async () => {
  const trained = await run(...train, '--config', 'off.json', '--output', 'model');
  expect(trained.stderr).toMatch(/relaxed(-shared)? build -> model$/m);
  expect(JSON.parse(await readFile(join(folder, 'model', 'config.json'), 'utf8'))).not.toHaveProperty('wide');
});
