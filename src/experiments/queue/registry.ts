// Which processes are at a queue.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { registryKey } from './queuedRun.js';

/** Milliseconds between two signs of life. */
const BEAT = 5_000;
/** Seconds without one after which a process is gone. */
const LIFE = 20;

/** A process at a queue. */
export interface Participant {
  host: string;
  pid: number;
  /** Of this package. */
  version: string;
  /** Workers: runs at a time. */
  concurrency?: number;
}

export type ParticipantKind = 'workers' | 'comparisons';

/**
 * Says that this process is at the queue, until it is told to stop.
 *
 * @returns ends it
 */
export async function announce(
  redis: Redis,
  kind: ParticipantKind,
  facts: Pick<Participant, 'version' | 'concurrency'> & Partial<Pick<Participant, 'host'>>,
): Promise<() => Promise<void>> {
  const id = randomUUID();
  const key = `${registryKey(kind)}:${id}`;
  const participant: Participant = { host: hostname(), pid: process.pid, ...facts };
  const beat = () =>
    Promise.all([
      redis.sadd(registryKey(kind), id), // again, in case the Redis has lost it
      redis.set(key, JSON.stringify(participant), 'EX', LIFE),
    ]);
  await beat();
  // A connection that is gone is noticed by whoever waits for an answer.
  const timer = setInterval(() => void beat().catch(() => undefined), BEAT);
  return async () => {
    clearInterval(timer);
    await Promise.all([redis.srem(registryKey(kind), id), redis.del(key)]);
  };
}

/** The processes of a kind that are at the queue, by what tells them apart. */
export async function participants(redis: Redis, kind: ParticipantKind): Promise<Map<string, Participant>> {
  const ids = await redis.smembers(registryKey(kind));
  if (ids.length === 0) return new Map();
  const found = await redis.mget(ids.map((id) => `${registryKey(kind)}:${id}`));
  const gone = ids.filter((_, index) => found[index] === null);
  if (gone.length > 0) await redis.srem(registryKey(kind), ...gone);
  return new Map(
    ids.flatMap((id, index) => {
      const text = found[index];
      return text === null ? [] : [[id, JSON.parse(text) as Participant] as const];
    }),
  );
}

/** A participant for people: 'node3 (process 77)'. */
export const describeParticipant = ({ host, pid }: Participant) => `${host} (process ${pid})`;
