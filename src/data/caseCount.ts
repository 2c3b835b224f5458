import { traitsOf } from './kinds/traitsOf.js';
import type { LabelledData } from './labelledData.js';

/** @returns the number of cases */
export function caseCount(data: LabelledData): number {
  return traitsOf(data).count(data);
}
