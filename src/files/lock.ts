// Locks between processes: files that stand while an action lasts and say which process holds them.

import { nodeModule } from '../nodeModule.js';
import { withPath } from './withPath.js';

/** Milliseconds between two looks at a lock that another process has. */
const PAUSE = 200;

/** Milliseconds after which a lock without a process in it is left over from a crash, not just being written. */
const UNWRITTEN = 10_000;

/** Who holds a lock. */
interface Holder {
  /** 0 while it is being written. */
  pid: number;
  host: string;
  /** When the process began, where the system says it: an id may be given again to another process. '' elsewhere. */
  start: string;
}

/** When a process began: this boot of the machine, and clock ticks since; '' where /proc does not tell. */
async function startOf(pid: number): Promise<string> {
  const { readFile } = await nodeModule('node:fs/promises');
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in parentheses, may hold anything; the start is the 22nd.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()} ${ticks}`;
  } catch {
    return '';
  }
}

async function isAlive({ pid, host, start }: Holder): Promise<boolean> {
  const { hostname } = await nodeModule('node:os');
  if (host !== hostname()) return true; // on a shared disk: only that machine knows
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false; // EPERM: alive, but another user's
  }
  const found = await startOf(pid);
  return start === '' || found === '' || found === start;
}

/** Who holds a lock, if somebody alive does; undefined for one that was left over, null for one that is gone. */
async function holderOf(path: string): Promise<Holder | undefined | null> {
  const { readFile, stat } = await nodeModule('node:fs/promises');
  try {
    const text = await readFile(path, 'utf8');
    const [pid, host, start, end] = text.split('\n');
    if (end !== undefined) {
      const holder = { pid: Number(pid), host, start };
      return (await isAlive(holder)) ? holder : undefined;
    }
    // Not written yet, or by a process that was ended at that moment.
    const isLeft = Date.now() - (await stat(path)).mtimeMs > UNWRITTEN;
    return isLeft ? undefined : { pid: 0, host: '', start: '' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes the file with this process in it; false if there is one. */
async function create(path: string): Promise<boolean> {
  const [{ open, rm }, { hostname }] = await Promise.all([nodeModule('node:fs/promises'), nodeModule('node:os')]);
  const content = [process.pid, hostname(), await startOf(process.pid), ''].join('\n');
  const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(content);
    return true;
  } catch (error) {
    await rm(path, { force: true }); // the disk is full
    throw withPath(error as NodeJS.ErrnoException, path);
  } finally {
    await file.close();
  }
}

/**
 * Takes a lock if nobody alive has it.
 *
 * @returns the holder, if another process has it
 */
async function take(path: string): Promise<Holder | undefined> {
  const { rm } = await nodeModule('node:fs/promises');
  for (;;) {
    if (await create(path)) return undefined;
    const holder = await holderOf(path);
    if (holder) return holder;
    if (holder === null) continue;
    // Left over. Of several that saw it only one removes it, and only if it is still there: the next one may stand already.
    const removing = `${path}.removing`;
    if (await create(removing)) {
      try {
        if ((await holderOf(path)) === undefined) await rm(path, { force: true });
      } finally {
        await rm(removing, { force: true });
      }
    } else if ((await holderOf(removing)) === undefined) await rm(removing, { force: true });
  }
}

async function release<T>(path: string, action: () => Promise<T>): Promise<T> {
  const { rm } = await nodeModule('node:fs/promises');
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

/**
 * Does something that only one process of this machine may do at a time; others wait. A lock whose process is gone does
 * not count. Node only.
 *
 * @param path of the lock, a file that stands while the action lasts
 * @param action what to do
 * @returns what the action returns
 */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const { setTimeout: pause } = await nodeModule('node:timers/promises');
  while (await take(path)) await pause(PAUSE);
  return release(path, action);
}

/** Locks that the running action holds, itself or around it. */
let held: import('node:async_hooks').AsyncLocalStorage<ReadonlySet<string>> | undefined;

/**
 * Does something in a folder while nobody else may: another process, or another action of this one, is refused. Actions
 * inside of the action may lock the folder again. A lock whose process is gone does not count. Node only.
 *
 * @param folder there must be one; it gets the file `.lock`
 * @param action what to do
 * @returns what the action returns
 * @throws Error that names the process that has the folder; the file system's errors, if it cannot be written to
 */
export async function withFolderLock<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const [{ AsyncLocalStorage }, { realpath }, { setTimeout: pause }] = await Promise.all([
    nodeModule('node:async_hooks'),
    nodeModule('node:fs/promises'),
    nodeModule('node:timers/promises'),
  ]);
  held ??= new AsyncLocalStorage();
  const path = `${await realpath(folder)}/.lock`;
  const around = held.getStore() ?? new Set();
  if (around.has(path)) return action();
  let holder = await take(path);
  for (; holder?.pid === 0; holder = await take(path)) await pause(PAUSE);
  if (holder) {
    const { hostname } = await nodeModule('node:os');
    const place = holder.host === hostname() ? '' : ` of ${holder.host}`;
    const who = holder.pid === process.pid && place === '' ? 'this process' : `process ${holder.pid}${place}`;
    const otherwise = place ? `, or remove ${path} if that process has ended` : '';
    throw new Error(`${folder}: is in use by ${who}; wait until it has ended, or choose another folder${otherwise}`);
  }
  return release(path, () => held!.run(new Set([...around, path]), action));
}
