import { counted } from '../../checks/counted.js';
import type { QueueConnection } from './connectQueue.js';
import { checkVersions } from './queueVersions.js';
import { describeParticipant, type Participant, participants } from './registry.js';

/** Milliseconds between two looks. */
const LOOK = 5_000;

/**
 * Tells people which workers are at a queue, and which come and go, until it is told to stop.
 *
 * @param version of this package; workers of another one are no help
 * @param onNotice hears it
 * @returns ends it
 * @throws Error if there are workers, but none of this version
 */
export async function watchWorkers(
  { redis, address }: QueueConnection,
  version: string,
  onNotice: (text: string) => void,
): Promise<() => void> {
  let known = new Map<string, Participant>();
  let warned: string | undefined;

  const look = async () => {
    const all = await participants(redis, 'workers');
    const now = new Map([...all].filter(([, worker]) => worker.version === version));
    for (const [id, worker] of now) {
      if (known.has(id)) continue;
      onNotice(`worker ${describeParticipant(worker)}: ${counted(worker.concurrency ?? 1, 'run')} at a time`);
    }
    for (const [id, worker] of known) if (!now.has(id)) onNotice(`worker ${describeParticipant(worker)} has gone`);
    known = now;
  };
  const warn = (text: string | undefined) => {
    if (text !== undefined && text !== warned) onNotice(`warning: ${text}`);
    warned = text;
  };

  warn(await checkVersions(redis, 'workers', version));
  await look();
  if (known.size === 0) onNotice(`no worker yet; start some: primal-attention worker --queue ${address}`);
  const timer = setInterval(() => {
    look()
      .then(() => checkVersions(redis, 'workers', version))
      .then(warn, (error: Error) => warn(error.message)); // those of this version have gone
  }, LOOK);
  return () => clearInterval(timer);
}
