import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedClearly, outcomeOf, start, trainArguments } from './run.mjs';

const command = (name, ...args) => spawnSync(name, args, { stdio: 'ignore' }).status === 0;

/** Sizes of the disks, in pages of 4 kB: the run needs some 70, so that they become full at different moments of it. */
const PAGES = [1, 3, 6, 10, 15, 20, 26, 33, 42, 52, 62];

/** Does something with a small disk in memory; undefined if there can be none. */
async function withDisk(folder, kilobytes, action) {
  mkdirSync(folder, { recursive: true });
  if (!command('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder)) return undefined;
  try {
    return await action((...options) => command('mount', '-o', `remount,${options.join(',')}`, folder));
  } finally {
    command('umount', folder);
  }
}

const cannot = (what) => ({ what, tries: 0, outcome: 'left out: it needs root and tmpfs', failures: [] });

/** Runs on disks that become full; with more space each goes on to the outcome of the undisturbed one. */
export async function diskFull({ folder, expected, short }) {
  const what = 'disk full';
  const failures = [];
  const sizes = short ? PAGES.filter((_, index) => index % 4 === 2) : PAGES;
  let ended = 0;
  for (const pages of sizes) {
    const disk = join(folder, `full-${pages}`);
    const done = await withDisk(disk, 4 * pages, async (remount) => {
      const path = join(disk, 'run');
      const first = await start(trainArguments(path, '--resume')).ended;
      const wrong = (reason) => failures.push(`${4 * pages} kB: ${reason}`);
      if (first.status !== 0) ended++;
      if (first.status !== 0 && !failedClearly(first, /ENOSPC/))
        wrong(`status ${first.status}: ${first.stderr.trim()}`);
      remount('size=16m');
      const second = await start(trainArguments(path, '--resume')).ended;
      if (second.status !== 0) wrong(`resumed: ${second.stderr.trim()}`);
      else if (outcomeOf(path, second.stdout) !== expected) wrong('resumed: another outcome');
      return true;
    });
    if (!done) return cannot(what);
  }
  if (ended === 0) failures.push('no disk was full');
  return { what, tries: sizes.length, outcome: `${ended} ended with one line; with more space all went on`, failures };
}

/** A run that is begun where there is no space, or no writing, over one that is complete: that one stays. */
export async function nothingLost({ folder, expected }) {
  const what = 'full or read-only disk over a run';
  const failures = [];
  const disk = join(folder, 'lost');
  const done = await withDisk(disk, 1024, async (remount) => {
    const path = join(disk, 'run');
    const { stdout } = await start(trainArguments(path)).ended;
    const another = trainArguments(path).map((word, index, words) => (words[index - 1] === '--seed' ? '2' : word));
    const tryAgain = async (state, pattern) => {
      const again = await start(another).ended;
      if (!failedClearly(again, pattern)) failures.push(`${state}: status ${again.status}: ${again.stderr.trim()}`);
      if (outcomeOf(path, stdout) !== expected) failures.push(`${state}: the run is not what it was`);
      const read = await start(['evaluate', '--model', path, '--data', 'JapaneseVowels']).ended;
      if (read.status !== 0) failures.push(`${state}: the model cannot be read: ${read.stderr.trim()}`);
    };
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(bavail * bsize));
    await tryAgain('full', /ENOSPC/);
    if (remount('ro')) await tryAgain('read-only', /EROFS|read-only/);
    return existsSync(path);
  });
  return done ? { what, tries: 2, outcome: 'error in one line; the run stays', failures } : cannot(what);
}
