import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withFolderLock, withLock } from '../../src/files/lock.js';
import { temporaryFolder } from '../support/temporaryFolder.js';

const folder = temporaryFolder();

/** A process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'close');
  return child.pid!;
}

const left: [string, () => Promise<string>][] = [
  ['of a process that has ended', async () => `${await deadPid()}\n${hostname()}\n\n`],
];
if (existsSync('/proc/self/stat')) {
  left.push(['whose id another process has now', () => Promise.resolve(`${process.pid}\n${hostname()}\nboot 1\n`)]);
}

describe('withLock', () => {
  it.each(left)('takes over a lock %s, one action at a time', async (name, content) => {
    const path = join(folder, `${name}.lock`);
    await writeFile(path, await content());
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        withLock(path, async () => {
          most = Math.max(most, ++inside);
          expect(await readFile(path, 'utf8')).toContain(`${process.pid}\n`);
          await pause(5);
          inside--;
        }),
      ),
    );
    expect({ inside, most, stays: existsSync(path) }).toEqual({ inside: 0, most: 1, stays: false });
  });
});

describe('withFolderLock', () => {
  const make = async (name: string) => {
    const path = join(folder, name);
    await mkdir(path);
    return path;
  };

  it('refuses another action, lets those inside in, and ends with the action', async () => {
    const path = await make('mine');
    let [onBegin, onEnd] = [() => {}, () => {}];
    const [begun, refused] = [
      new Promise<void>((begin) => (onBegin = begin)),
      new Promise<void>((end) => (onEnd = end)),
    ];
    const during = withFolderLock(path, async () => {
      onBegin();
      await refused;
      return withFolderLock(join(path, '.'), () => Promise.resolve('inside'));
    });
    await begun;
    await expect(withFolderLock(path, () => Promise.resolve())).rejects.toThrow(
      `${path}: is in use by this process; wait until it has ended, or choose another folder`,
    );
    onEnd();
    expect(await during).toBe('inside');
    await expect(withFolderLock(path, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await withFolderLock(path, () => Promise.resolve('again'))).toBe('again');
    expect(existsSync(join(path, '.lock'))).toBe(false);
  });

  it('names the process that has the folder', async () => {
    const path = await make('theirs');
    const use = () => withFolderLock(path, () => Promise.resolve('done'));
    await writeFile(join(path, '.lock'), `${process.ppid}\n${hostname()}\n\n`);
    await expect(use()).rejects.toThrow(`theirs: is in use by process ${process.ppid}; wait`);
    await writeFile(join(path, '.lock'), '1\nelsewhere\n\n');
    await expect(use()).rejects.toThrow(/in use by process 1 of elsewhere; .*, or remove .*\.lock if that process has/);
  });

  it.each(left)('takes over a lock %s', async (name, content) => {
    const path = await make(name);
    await writeFile(join(path, '.lock'), await content());
    expect(await withFolderLock(path, () => Promise.resolve('done'))).toBe('done');
  });

  it('takes over a lock that was never written', async () => {
    const path = await make('unwritten');
    const lock = join(path, '.lock');
    await writeFile(lock, '');
    const before = new Date(Date.now() - 60_000);
    await utimes(lock, before, before);
    expect(await withFolderLock(path, () => Promise.resolve('done'))).toBe('done');
  });
});
