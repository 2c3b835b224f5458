/** Folders of any name, from any working folder: in run folders, in hints, in lists. */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { folders } from '../../src/cli/arguments.js';
import { shellQuoted } from '../../src/checks/shellQuoted.js';
import { runCommand, writeSlopes, small } from '../support/commandLine.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

// Runs follow one another, each in a process.
vi.setConfig({ testTimeout: 300_000 });

const folder = temporaryFolder();
const elsewhere = join(folder, 'else where');
const names = ['plain', 'two words', "it's", 'a,b', 'ünï→日本', '$HOME`x`', '-dash', '"quoted"', 'semi;colon&'];

beforeAll(async () => {
  await mkdir(elsewhere);
  await mkdir(join(folder, 'data'));
  await writeSlopes(join(folder, 'data'), 16, 6);
});

describe('shellQuoted', () => {
  it.each([...names, 'a\nb', '~', '*', '\\', '!x', '#', ''])('gives the shell %j as it is', (name) => {
    const [word] = [execFileSync('bash', ['-c', `printf %s ${shellQuoted(name)}`], { encoding: 'utf8' })];
    expect(word.replace(/^\.\//, '')).toBe(name);
    expect(word.startsWith('-')).toBe(false);
  });

  it('leaves what needs no quotes', () => {
    expect(shellQuoted('runs/JapaneseVowels-bn+sh-0')).toBe('runs/JapaneseVowels-bn+sh-0');
  });
});

describe('names and folders separated by commas', () => {
  beforeAll(async () => {
    for (const name of ['a', 'a,b', 'x,y,z', 'c d']) await mkdir(join(folder, 'list', name), { recursive: true });
  });

  it.each([
    ['list/a,JapaneseVowels', ['list/a', 'JapaneseVowels']],
    ['list/a,b', ['list/a,b']],
    ['list/a\\,b,list/a', ['list/a,b', 'list/a']],
    ['list/x,y,z,list/a,b,NATOPS', ['list/x,y,z', 'list/a,b', 'NATOPS']],
    ['list/a, list/c d', ['list/a', 'list/c d']],
    ['list/none,other', ['list/none', 'other']],
    ['not\\,here', ['not,here']],
  ])('%s', (text, expected) => {
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder);
    const inside = (path: string) => path.replaceAll('list/', `${folder}/list/`);
    expect(folders(inside(text))).toEqual(expected.map(inside));
    cwd.mockRestore();
  });
});

describe('a run', () => {
  it('is resumed from another working folder, and after it or its data was moved', async () => {
    const args = ['train', '--data', 'data', ...small, '--epochs', '1', '--output', 'run'];
    expect((await runCommand(folder, args)).status).toBe(0);
    const stored = async (path: string) =>
      JSON.parse(await readFile(join(folder, path, 'config.json'), 'utf8')) as object;
    expect(await stored('run')).toMatchObject({ data: join(folder, 'data') });

    const again = await runCommand(elsewhere, ['train', '--resume', '--output', '../run', '--epochs', '2']);
    expect(again).toMatchObject({ status: 0 });
    // The same folder in other words.
    const same = await runCommand(folder, [
      ...args.slice(0, 2),
      './data/',
      '--resume',
      '--output',
      'run',
      '--epochs',
      '3',
    ]);
    expect(same).toMatchObject({ status: 0 });

    await rename(join(folder, 'run'), join(elsewhere, 'moved run'));
    const moved = await runCommand(elsewhere, ['train', '--resume', '--output', 'moved run', '--epochs', '4']);
    expect(moved).toMatchObject({ status: 0 });

    await mkdir(join(folder, 'other'));
    await writeSlopes(join(folder, 'other'), 16, 6);
    const resume = ['train', '--resume', '--output', 'moved run', '--epochs', '5'];
    const other = await runCommand(elsewhere, [...resume, '--data', '../other']);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain(`--data was ../other; it must be ${join(folder, 'data')}, as when the run began`);

    await rename(join(folder, 'data'), join(folder, 'data 2'));
    const lost = await runCommand(elsewhere, resume);
    expect(lost.status).toBe(2);
    expect(lost.stderr).toMatch(/the data was .*data, where no folder is; give --data with where it is now/);
    expect(await runCommand(elsewhere, [...resume, '--data', '../data 2'])).toMatchObject({ status: 0 });
    expect(await stored('else where/moved run')).toMatchObject({ data: join(folder, 'data 2') });
  });

  it('of an earlier version, which kept the path as it was given, is resumed in its working folder', async () => {
    await mkdir(join(folder, 'old'));
    await writeSlopes(join(folder, 'old'), 16, 6);
    const args = ['train', '--data', 'old', ...small, '--epochs', '1', '--output', 'before'];
    expect((await runCommand(folder, args)).status).toBe(0);
    const path = join(folder, 'before/config.json');
    const config = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...config, data: 'old' }));
    await writeFile(join(folder, 'before/SHA256SUMS'), '').catch(() => undefined);
    execFileSync('rm', [join(folder, 'before/SHA256SUMS')]);
    const resume = ['train', '--resume', '--output', 'before', '--epochs', '2'];
    expect(await runCommand(folder, resume)).toMatchObject({ status: 0 });
    expect(await runCommand(folder, [...resume, '--data', 'old'])).toMatchObject({ status: 0 });
  });

  it('that is interrupted says a command that can be pasted', async () => {
    await mkdir(join(folder, "it's, here"));
    await writeSlopes(join(folder, "it's, here"), 16, 6);
    const output = 'über $HOME';
    const args = ['train', '--data', "it's, here", ...small, '--epochs', '2000', '--output', output];
    const ended = await runCommand(folder, args, (said, child) => {
      if (said.includes('epoch 2/') && !child.killed) child.kill('SIGINT');
    });
    expect(ended.status).toBe(130);
    const [, command] = /continue with: primal-attention (.*)\n$/.exec(ended.stderr)!;
    const words = execFileSync('bash', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' })
      .trimEnd()
      .split('\n');
    expect(words).toEqual(['train', '--resume', '--output', output]);
  });
});

describe('commands', () => {
  it('take a data set and a model whose folders have commas, together with others', async () => {
    for (const name of ['d,1', 'e']) {
      await mkdir(join(folder, name));
      await writeSlopes(join(folder, name), 16, 6, name === 'e' ? 'Other' : 'Slopes');
    }
    const train = ['train', '--data', 'd,1', ...small, '--epochs', '1', '--output', 'm,1'];
    expect(await runCommand(folder, train)).toMatchObject({ status: 0 });
    const inspect = await runCommand(folder, ['inspect', '--model', 'm,1', '--data', 'd,1', '--cases', '1', '--json']);
    expect(JSON.parse(inspect.stdout)).toMatchObject({ models: [{ model: 'm,1' }] });
    const compare = ['compare', ...small, '--forms', 'bn', '--seeds', '1', '--epochs', '1', '--json'];
    const both = await runCommand(folder, [...compare, '--data', 'd,1,e', '--output', 'both']);
    const { results } = JSON.parse(both.stdout) as { results: { data: string }[] };
    expect(results.map(({ data }) => data)).toEqual(['Slopes', 'Other']);
    await writeFile(join(folder, 'c.json'), JSON.stringify({ data: ['d,1', 'e'], output: 'config' }));
    expect(await runCommand(folder, [...compare, '--config', 'c.json'])).toMatchObject({ status: 0 });
  });
});
