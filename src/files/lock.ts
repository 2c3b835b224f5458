/** Milliseconds between two looks at a lock that another process has. */
const PAUSE = 200;

/** Milliseconds after which a lock without a process in it is left over from a crash, not just being written. */
const UNWRITTEN = 10_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, but another user's
  }
}

/** Whether the process that made the lock is gone. */
async function isStale(path: string): Promise<boolean> {
  const { readFile, stat } = await import('node:fs/promises');
  try {
    const pid = Number(await readFile(path, 'utf8'));
    if (pid > 0) return !isAlive(pid);
    return Date.now() - (await stat(path)).mtimeMs > UNWRITTEN;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // given back meanwhile
    throw error;
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
  const [{ rm, writeFile }, { setTimeout: pause }] = await Promise.all([
    import('node:fs/promises'),
    import('node:timers/promises'),
  ]);
  const take = () =>
    writeFile(path, `${process.pid}`, { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
  while (!(await take())) {
    if (await isStale(path)) await rm(path, { force: true });
    else await pause(PAUSE);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}
