import { connectQueue } from '../experiments/queue/connectQueue.js';
import { QueuePlace, type QueuePlaceOptions } from '../experiments/queue/queuePlace.js';
import { announce } from '../experiments/queue/registry.js';
import { watchWorkers } from '../experiments/queue/watchWorkers.js';
import type { RunPlace } from '../experiments/runPlace.js';

/**
 * Does something with the workers of a queue.
 *
 * @param options `url` of the queue; see QueuePlaceOptions for the others
 * @param action what to do with them
 * @returns what it returns
 * @throws Error if no queue can be reached, all workers have another version, or the connection is lost for good
 */
export async function useQueue<T>(
  { url, ...options }: Omit<QueuePlaceOptions, 'connection'> & { url: string },
  action: (place: RunPlace) => Promise<T>,
): Promise<T> {
  const { version, onNotice } = options;
  const connection = await connectQueue(url, onNotice);
  const ends: (() => unknown)[] = [connection.close];
  try {
    ends.unshift(await watchWorkers(connection, version, onNotice));
    ends.unshift(await announce(connection.redis, 'comparisons', { version }));
    const place = new QueuePlace({ ...options, connection });
    ends.unshift(() => place.close());
    return await action(place);
  } finally {
    for (const end of ends) await end();
  }
}
