// The program of a child process: it prepares what it is told to, and measures when it is its turn.

import { takeTurn, type Turn, warmUp } from '../../src/benchmarks/stopwatch.js';
import type { Prepare, Reply, Request, Subject } from './subject.js';

/** Calls shorter than this find caches and clock as others left them, so each turn begins with one that is not counted. */
const SHORT_MS = 50;

let subject: Subject | undefined;
let longest = 0;

async function open({ module, job, setting, warmUp: milliseconds }: Request & { kind: 'open' }): Promise<unknown> {
  const { prepare } = (await import(module)) as { prepare: Prepare<unknown, unknown> };
  subject = await prepare(job, setting);
  longest = Infinity;
  if (!subject.slow) {
    longest = await warmUp(Object.values(subject.calls), milliseconds);
  }
  return subject.facts;
}

async function turn({ milliseconds, calls: least }: Turn): Promise<Record<string, number[]>> {
  const { calls, slow } = subject!;
  if (longest < SHORT_MS) longest = Math.max(longest, await warmUp(Object.values(calls), 0));
  return takeTurn(calls, { milliseconds, calls: slow ? 1 : least });
}

async function answer(request: Request): Promise<unknown> {
  if (request.kind === 'open') return open(request);
  if (request.kind === 'turn') return turn(request.turn);
  const outcome = subject?.outcome?.();
  subject?.dispose?.();
  subject = undefined;
  return outcome;
}

function send(reply: Reply): void {
  process.send!(reply);
}

process.on('message', (request: Request) => {
  answer(request).then(
    (value) => send({ value }),
    (error: Error) => send({ error: error.stack ?? String(error) }),
  );
});
// The parent's end is the end.
process.on('disconnect', () => process.exit());
