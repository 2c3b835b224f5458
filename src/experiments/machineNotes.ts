import { counted } from '../checks/counted.js';
import type { Arithmetic } from './arithmetic.js';
import { distinct } from './distinct.js';
import type { RunRecord } from './runStore.js';

/**
 * Says, if so, that runs were computed with other builds or processors than this machine's, so that they need not be those
 * of a comparison on this machine bit for bit.
 *
 * @param records finished runs
 * @param own what this machine computes with
 */
export function machineNotes(records: readonly Pick<RunRecord, 'computedBy'>[], own: Arithmetic): string[] {
  const others = records.flatMap(({ computedBy }) =>
    computedBy && (computedBy.build !== own.build || computedBy.bits !== own.bits) ? [computedBy] : [],
  );
  if (others.length === 0) return [];
  const places = distinct(others.map(({ host, build }) => `${host} (${build} build)`)).join(', ');
  return [
    `${counted(others.length, 'run')} of ${records.length} came from machines that compute otherwise than this one ` +
      `(${own.build} build), by their build or their processor: ${places}. Their last bits, and what follows from them, ` +
      'can differ from those of a comparison on this machine.',
  ];
}
