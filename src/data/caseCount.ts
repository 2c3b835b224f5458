import { traitsOf } from './kinds/traitsOf.js';
import type { Cases } from './labelledData.js';

/** @returns the number of cases */
export function caseCount(data: Cases): number {
  return traitsOf(data).count(data);
}
