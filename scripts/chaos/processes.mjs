import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { failedClearly, outcomeOf, start, trainArguments } from './run.mjs';

/** Two processes in one folder: the second is refused; once the first is killed, another one may go on. */
export async function twoProcesses({ folder, expected }) {
  const path = join(folder, 'two');
  const failures = [];
  const first = start(trainArguments(path));
  // Its name is in the lock, not just on its way there: that of a process that stops before counts for ten seconds.
  while (!statSync(join(path, '.lock'), { throwIfNoEntry: false })?.size) await pause(5);
  first.child.kill('SIGSTOP'); // it holds the folder, however long the second takes
  for (const more of [[], ['--resume']]) {
    const second = await start(trainArguments(path, ...more)).ended;
    if (!failedClearly(second, new RegExp(`is in use by process ${first.child.pid};`))) {
      failures.push(`the second ended with status ${second.status}: ${second.stderr.trim()}`);
    }
  }
  first.child.kill('SIGKILL');
  await first.ended;
  const third = await start(trainArguments(path, '--resume')).ended;
  if (third.status !== 0) failures.push(`the third: ${third.stderr.trim()}`);
  else if (outcomeOf(path, third.stdout) !== expected) failures.push('the third: another outcome');
  return {
    what: 'two processes in one folder',
    tries: 3,
    outcome: 'the second is refused until the first is gone',
    failures,
  };
}
