import type { Redis } from 'ioredis';
import { describeParticipant, type Participant, type ParticipantKind, participants } from './registry.js';

const listed = (all: readonly Participant[]) =>
  all.map((one) => `${describeParticipant(one)}: ${one.version}`).join(', ');

/**
 * Compares versions with the other side of the queue, which takes part in nothing of another version.
 *
 * @param other 'workers' for a comparison, 'comparisons' for a worker
 * @param version of this package
 * @returns what people should be told of those with another version; undefined if there are none
 * @throws Error if all that are there have another version
 */
export async function checkVersions(
  redis: Redis,
  other: ParticipantKind,
  version: string,
): Promise<string | undefined> {
  const all = [...(await participants(redis, other)).values()];
  const differing = all.filter((one) => one.version !== version);
  if (differing.length === 0) return undefined;
  const this_ = other === 'workers' ? 'this comparison' : 'this worker';
  const what = `${other} at the queue are of another version of primal-attention than ${this_}, ${version}`;
  if (differing.length === all.length) {
    throw new Error(`the ${what}: ${listed(differing)}; install the same version on all machines`);
  }
  return `${differing.length} of ${all.length} ${what}, and have no part in it: ${listed(differing)}`;
}
