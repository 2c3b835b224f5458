import { mkdirSync, readdirSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf, start, trainArguments } from './run.mjs';

/** File events of a run up to which one may end it; there are some hundreds. */
const MOST_EVENTS = 150;

/**
 * Starts the run, or goes on with it, and kills it.
 *
 * @param random numbers from 0 to 1
 * @returns whether it was killed before its end, and how it ended
 */
async function killOnce(folder, { random, duration }) {
  mkdirSync(folder, { recursive: true });
  const { child, ended } = start(trainArguments(folder, '--resume'));
  // By the clock anywhere; or in the middle of writing, where the clock would rarely strike: at some event of a file.
  const byClock = random() < 0.5;
  let left = 1 + Math.floor(random() * MOST_EVENTS);
  const watcher = byClock ? undefined : watch(folder, { recursive: true }, () => --left === 0 && child.kill('SIGKILL'));
  watcher?.on('error', () => {}); // a file may be gone before it is watched
  const timer = byClock ? setTimeout(() => child.kill('SIGKILL'), random() * duration) : undefined;
  const result = await ended;
  clearTimeout(timer);
  watcher?.close();
  return { ...result, killed: result.signal === 'SIGKILL' };
}

/**
 * Kills runs until there were enough kills; each run goes on after every kill until it is complete, and must come to the
 * outcome of the undisturbed one.
 *
 * @param options folder, kills, random, expected outcome, duration of the undisturbed run in milliseconds
 * @returns a row of the table
 */
export async function kills({ folder, kills: count, random, expected, duration, say }) {
  let done = 0;
  let runs = 0;
  const failures = [];
  while (done < count) {
    const path = join(folder, `kills-${runs++}`);
    let result = { killed: true };
    for (let here = 0; result.killed;) {
      // The last run is left to its end once there were enough.
      result =
        done < count
          ? await killOnce(path, { random, duration })
          : { ...(await start(trainArguments(path, '--resume')).ended), killed: false };
      if (result.killed) {
        here++;
        if (++done % 10 === 0) say(`${done} of ${count} kills`);
      } else if (result.status !== 0) failures.push(`run ${runs}, after ${here} kills: ${result.stderr.trim()}`);
      else if (outcomeOf(path, result.stdout) !== expected)
        failures.push(`run ${runs}, after ${here} kills: another outcome`);
      else if (readdirSync(path, { recursive: true }).some((name) => /\.tmp$|\.lock$/.test(name))) {
        failures.push(`run ${runs}: files were left over`);
      }
    }
    rmSync(path, { recursive: true });
  }
  return {
    what: 'killed (SIGKILL) and resumed',
    tries: done,
    outcome: `${runs} runs, weights and metrics bit for bit`,
    failures,
  };
}
