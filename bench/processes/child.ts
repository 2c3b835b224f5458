// The program of a child process: it prepares what it is told to, and measures when it is its turn.

import type { Call, Prepare, Reply, Request, Subject, Turn } from './subject.js';

/** Calls shorter than this find caches and clock as others left them, so each turn begins with one that is not counted. */
const SHORT_MS = 50;

let subject: Subject | undefined;
let longest = 0;

/** Milliseconds of one call. Synchronous calls are not awaited, which would cost a turn of the event loop. */
async function time(call: Call): Promise<number> {
  const begin = performance.now();
  const pending = call();
  if (pending) await pending;
  return performance.now() - begin;
}

/** A wasm function runs optimised only from a later call on, so calls before `milliseconds` have passed do not count. */
async function warmUp(calls: Call[], milliseconds: number): Promise<void> {
  for (const call of calls) {
    const start = performance.now();
    do longest = Math.max(longest, await time(call));
    while (performance.now() - start < milliseconds);
  }
}

async function open({ module, job, setting, warmUp: milliseconds }: Request & { kind: 'open' }): Promise<unknown> {
  const { prepare } = (await import(module)) as { prepare: Prepare<unknown, unknown> };
  subject = await prepare(job, setting);
  longest = Infinity;
  if (!subject.warm) {
    longest = 0;
    await warmUp(Object.values(subject.calls), milliseconds);
  }
  return subject.facts;
}

/** Makes all calls in turn, A B A B ..., until both limits are reached. */
async function takeTurn({ milliseconds, calls: least }: Turn): Promise<Record<string, number[]>> {
  const calls = Object.entries(subject!.calls);
  if (longest < SHORT_MS) await warmUp(Object.values(subject!.calls), 0);
  const samples = Object.fromEntries(calls.map(([name]) => [name, [] as number[]]));
  const start = performance.now();
  for (let done = 0; done < least || performance.now() - start < milliseconds; done++) {
    for (const [name, call] of calls) samples[name].push(await time(call));
  }
  return samples;
}

async function answer(request: Request): Promise<unknown> {
  if (request.kind === 'open') return open(request);
  if (request.kind === 'turn') return takeTurn(request.turn);
  subject?.dispose?.();
  subject = undefined;
  return undefined;
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
