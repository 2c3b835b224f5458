import type { ConnectionOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { type QueuePackages, queuePackages } from './queuePackages.js';

/** Milliseconds in which a Redis must answer at the beginning. */
const FIRST_ANSWER = 5_000;
/** Milliseconds for which a connection that was lost is tried again. */
const PATIENCE = 10 * 60_000;
/** Milliseconds between two tries, at most. */
const PAUSE = 2_000;
/** Milliseconds without a byte, while an answer is due, after which a connection counts as lost. Polls take up to 10 s. */
const SILENCE = 30_000;

/** A Redis that can be reached. */
export interface QueueConnection {
  redis: Redis;
  bullmq: QueuePackages['bullmq'];
  /** What BullMQ's own connections are made with. */
  options: ConnectionOptions;
  /** Its URL, without a password. */
  address: string;
  /** Aborted, with an Error as the reason, when the connection was lost and has not come back in 10 minutes. */
  gone: AbortSignal;
  close: () => void;
}

/** A URL for people, without its password. */
function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}

/** A promise that fails if it takes too long. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1000} s`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Connects to a Redis. At first it must answer at once; later, a connection that is lost is made again, for up to 10
 * minutes, and what was asked meanwhile is done then.
 *
 * @param url redis://HOST:PORT/DB or rediss://...
 * @param onNotice hears, for people, that the connection was lost or is there again
 * @throws Error if no Redis answers there, or the packages are missing
 */
export async function connectQueue(url: string, onNotice: (text: string) => void): Promise<QueueConnection> {
  const { bullmq, Redis } = await queuePackages();
  const address = withoutPassword(url);
  const gone = new AbortController();
  let isUp = false;
  let since = 0;
  const options = {
    maxRetriesPerRequest: null,
    connectTimeout: FIRST_ANSWER,
    keepAlive: 10_000,
    socketTimeout: SILENCE,
    retryStrategy(times: number) {
      if (!isUp) return null;
      if (times === 1) since = Date.now();
      return Date.now() - since > PATIENCE ? null : Math.min(100 * times, PAUSE);
    },
  };
  const redis = new Redis(url, { ...options, lazyConnect: true });
  let reason = '';
  redis.on('error', ({ message }: Error) => (reason = message));
  try {
    await within(FIRST_ANSWER, redis.connect());
    await within(FIRST_ANSWER, redis.select(redis.options.db ?? 0)); // else a number that it does not have would be 0
  } catch (error) {
    redis.disconnect();
    const { message } = error as Error;
    const found = message === 'Connection is closed.' && reason ? reason : message;
    const why = found.startsWith('NOAUTH') ? 'it asks for a password, as in redis://:PASSWORD@HOST' : found;
    throw new Error(`${address}: ${why}; it must be the address of a redis-server that runs and lets you in`, {
      cause: error,
    });
  }
  isUp = true;
  let isClosed = false;
  let isLost = false;
  redis.on('close', () => {
    if (isClosed || isLost) return;
    isLost = true;
    onNotice(`${address}: the connection is lost; trying again for ${PATIENCE / 60_000} minutes`);
  });
  redis.on('ready', () => {
    if (isLost) onNotice(`${address}: connected again`);
    isLost = false;
  });
  redis.on('end', () => {
    if (!isClosed) gone.abort(new Error(`${address}: the connection was lost and has not come back: ${reason}`));
  });
  const close = () => {
    isClosed = true;
    redis.disconnect();
  };
  return { redis, bullmq, options: { ...options, url }, address, gone: gone.signal, close };
}
